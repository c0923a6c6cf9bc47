/** @file Gene programs: communities of similar genes (Cui et al. 2024, gene network inference). */

import { type LeidenOptions, leiden } from '../leiden.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';
import type { Similarity } from './similarity.ts';

/** Options of {@link genePrograms}. */
export interface GeneProgramOptions extends LeidenOptions {
  /** Smaller communities are no programs. Default 5, as in the paper. */
  readonly fewestGenes?: number | undefined;
}

/** Programs, the largest first. */
export interface GenePrograms {
  /** Program of each gene, -1 for none. */
  readonly codes: Int32Array; // [genes]
  /** Genes of each, ascending. */
  readonly programs: readonly Int32Array[];
  /** Communities of any size. */
  readonly communities: number;
  readonly modularity: number;
}

/** Finds programs in a graph of genes by Leiden. */
export function genePrograms(graph: WeightedGraph, options: GeneProgramOptions = {}): GenePrograms {
  const { fewestGenes = 5 } = options;
  const { codes: communities, clusters, modularity } = leiden(graph, options);
  const members: number[][] = Array.from({ length: clusters }, () => []);
  communities.forEach((community, gene) => {
    members[community].push(gene);
  });
  const programs = members
    .filter(({ length }) => length >= fewestGenes)
    .map((genes) => Int32Array.from(genes));
  const codes = new Int32Array(graph.count).fill(-1);
  programs.forEach((genes, program) => {
    for (const gene of genes) codes[gene] = program;
  });
  return { codes, programs, communities: clusters, modularity };
}

/** A gene and its mean similarity to the other genes of its program. */
export interface CentralGene {
  readonly gene: number;
  readonly similarity: number;
}

/** A program's genes, the most like the others first. */
export function centralGenes({ count, values }: Similarity, program: Int32Array): readonly CentralGene[] {
  return Array.from(program, (gene) => {
    let sum = 0;
    for (const other of program) if (other !== gene) sum += values[gene * count + other];
    return { gene, similarity: sum / Math.max(1, program.length - 1) };
  }).sort((a, b) => b.similarity - a.similarity || a.gene - b.gene);
}
