/** @file Gene programs of a similarity, and those of plain methods at the same numbers of genes and, nearly, programs. */

import { similarityGraph } from '../../analysis/gene-networks/graph.ts';
import {
  type OverRepresentation,
  type OverRepresented,
  overRepresentation,
} from '../../analysis/gene-networks/over-representation.ts';
import { programCohesionNull } from '../../analysis/gene-networks/permutation.ts';
import {
  type CentralGene,
  centralGenes,
  type GenePrograms,
  genePrograms,
} from '../../analysis/gene-networks/programs.ts';
import type { Similarity } from '../../analysis/gene-networks/similarity.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import { randomStream } from '../../support/random.ts';
import type { GeneSimilarities, NamedSimilarity } from './gene-similarities.ts';

/** How programs are found. */
export interface ProgramSettings {
  /** Most similar genes that each is joined with. */
  readonly neighbours: number;
  readonly resolution: number;
  readonly seed: number;
  readonly permutations: number;
}

/** A way to find programs and what it found. */
export interface FoundPrograms extends Omit<NamedSimilarity, 'similarity'> {
  readonly resolution: number;
  readonly found: GenePrograms;
  /** Genes of each program, the most like the others first. */
  readonly ranked: readonly (readonly CentralGene[])[];
  /** Mean similarity within each program, and how often random genes are as alike. */
  readonly cohesion: readonly { readonly cohesion: number; readonly p: number }[];
  /** Absent where no gene sets are given. */
  readonly enrichment: OverRepresentation | null;
}

/** Programs of the model and of plain methods. */
export interface ComparedPrograms {
  readonly ours: FoundPrograms;
  readonly baselines: readonly FoundPrograms[];
}

/** Programs of all similarities; those of plain methods at the resolution that gives as many. */
export function comparedPrograms(
  { ours, baselines, space: { names } }: GeneSimilarities,
  sets: readonly GeneSet[] | null,
  settings: ProgramSettings,
): ComparedPrograms {
  const found = findPrograms(ours, names, sets, settings);
  return {
    ours: found,
    baselines: baselines.map((baseline) => {
      const resolution = resolutionFor(baseline.similarity, found.found.programs.length, settings);
      return findPrograms(baseline, names, sets, { ...settings, resolution });
    }),
  };
}

/** Programs of one similarity. */
export function findPrograms(
  { name, about, similarity }: NamedSimilarity,
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
  return {
    name,
    about,
    resolution,
    found,
    ranked: found.programs.map((program) => centralGenes(similarity, program)),
    cohesion,
    enrichment: sets === null || named.length === 0 ? null : overRepresentation(named, genes, sets),
  };
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

/** Below this a gene set counts as found. */
export const significant = 0.05;

/** Sets found in any program, each once. */
export function setsFound(
  { enrichment }: FoundPrograms,
  by: 'bonferroni' | 'falseDiscoveryRate',
): ReadonlySet<string> {
  return new Set(enrichment?.results.filter((result) => result[by] < significant).map(({ set }) => set));
}

/** What was found in all programs, in the order of programs, then the surest first. */
export function enrichedSets({ enrichment }: FoundPrograms): readonly OverRepresented[] {
  return (enrichment?.results ?? [])
    .filter(({ falseDiscoveryRate }) => falseDiscoveryRate < significant)
    .sort((a, b) => a.group - b.group || a.p - b.p);
}

/** The surest set of each program; null where none is found. */
export function bestSets(programs: FoundPrograms): readonly (OverRepresented | null)[] {
  const enriched = enrichedSets(programs);
  return programs.found.programs.map((_, program) => enriched.find(({ group }) => group === program) ?? null);
}

export const programName = (program: number): string => `program ${program + 1}`;

/** Genes that stand for a program in a table. */
const genesShown = 8;

/** Names of the genes that are most like the others of their program. */
export function strongestGenes(ranked: readonly CentralGene[], names: readonly string[]): string {
  return ranked
    .slice(0, genesShown)
    .map(({ gene }) => names[gene])
    .join(', ');
}
