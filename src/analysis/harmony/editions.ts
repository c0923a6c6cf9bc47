/** @file The two published editions of Harmony: where they differ, and their defaults. */

/** What one run of Harmony follows. */
export interface HarmonySettings {
  /** Harmony's paper is edition 1 (R harmony before 1.2, harmonypy before 0.1); edition 2 is harmonypy 2 and R harmony2. */
  readonly edition: 1 | 2;
  readonly clusters: number;
  /** How much batches that a cluster has too many of are penalised. */
  readonly theta: number;
  /** Softness of clusters. */
  readonly sigma: number;
  /** The share of cells whose clusters are found anew before the batches of clusters are counted again. */
  readonly blockShare: number;
  /** Most repetitions of clustering and correction. */
  readonly iterations: number;
  /** Most rounds of clustering in each. */
  readonly rounds: number;
  /** Clustering ends when the objective, as a mean over three rounds, changes by less than this share. */
  readonly roundTolerance: number;
  /** Everything ends when it falls by less than this share from one repetition to the next. */
  readonly tolerance: number;
}

const common = { theta: 2, sigma: 0.1, blockShare: 0.05, iterations: 10 };

/** The defaults of harmonypy 0.0.10 (edition 1) and 2.1 (edition 2). */
export function harmonyDefaults(edition: 1 | 2, cellCount: number): HarmonySettings {
  const clusters = Math.max(1, Math.min(Math.round(cellCount / 30), 100));
  return edition === 1
    ? { ...common, edition, clusters, rounds: 20, roundTolerance: 1e-5, tolerance: 1e-4 }
    : { ...common, edition, clusters, rounds: 4, roundTolerance: 1e-3, tolerance: 1e-2 };
}
