/** @file Gene programs of the model beside those of co-expression, at the same numbers of genes and, nearly, programs. */

import { similarityGraph } from '../../analysis/gene-networks/graph.ts';
import {
  type OverRepresentation,
  overRepresentation,
} from '../../analysis/gene-networks/over-representation.ts';
import { programCohesionNull } from '../../analysis/gene-networks/permutation.ts';
import { type GenePrograms, genePrograms } from '../../analysis/gene-networks/programs.ts';
import type { Similarity } from '../../analysis/gene-networks/similarity.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import { randomStream } from '../../support/random.ts';

/** How programs are found. */
export interface ProgramSettings {
  /** Most similar genes that each is joined with. */
  readonly neighbours: number;
  readonly resolution: number;
  readonly seed: number;
  readonly permutations: number;
}

/** A way to find programs and what it found. */
export interface FoundPrograms {
  readonly name: string;
  readonly similarity: Similarity;
  readonly resolution: number;
  readonly found: GenePrograms;
  /** Mean similarity within each program, and how often random genes are as alike. */
  readonly cohesion: readonly { readonly cohesion: number; readonly p: number }[];
  /** Absent where no gene sets are given. */
  readonly enrichment: OverRepresentation | null;
}

/** Programs of one similarity. */
export function findPrograms(
  name: string,
  similarity: Similarity,
  genes: readonly string[],
  sets: readonly GeneSet[] | null,
  { neighbours, resolution, seed, permutations }: ProgramSettings,
): FoundPrograms {
  const found = genePrograms(similarityGraph(similarity, neighbours), { resolution, seed });
  const cohesion = found.programs.map((program, i) =>
    programCohesionNull(similarity, program, {
      permutations,
      random: randomStream(seed, 'cohesion', name, i),
    }),
  );
  const named = found.programs.map((program) => Array.from(program, (gene) => genes[gene]));
  const enrichment = sets === null || named.length === 0 ? null : overRepresentation(named, genes, sets);
  return { name, similarity, resolution, found, cohesion, enrichment };
}

/** Tries of a resolution. */
const tries = 10;

/** The resolution at which a similarity gives as many programs as wanted, or nearly so: halved between 0.05 and 100. */
export function resolutionFor(
  similarity: Similarity,
  wanted: number,
  { neighbours, seed, resolution }: ProgramSettings,
): number {
  const graph = similarityGraph(similarity, neighbours);
  let [low, high] = [0.05, 100];
  let best = { resolution, apart: Number.POSITIVE_INFINITY };
  let next = resolution;
  for (let i = 0; i < tries && best.apart > 0; i++) {
    const { programs, communities } = genePrograms(graph, { resolution: next, seed });
    const apart = Math.abs(programs.length - wanted);
    if (apart < best.apart) best = { resolution: next, apart };
    // Past its peak the number of programs falls again, for they become too small: communities tell on which side.
    const many = programs.length > wanted || communities > 4 * Math.max(wanted, programs.length);
    if (many) high = next;
    else low = next;
    next = Math.sqrt(low * high);
  }
  return best.resolution;
}

/** Sets found in any program, each once. */
export function setsFound(
  { enrichment }: FoundPrograms,
  by: 'bonferroni' | 'falseDiscoveryRate',
): ReadonlySet<string> {
  return new Set(enrichment?.results.filter((result) => result[by] < 0.05).map(({ set }) => set));
}
