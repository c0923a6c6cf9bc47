/** @file The loop of Harmony: cluster cells so that clusters mix batches, correct within clusters, repeat. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Grouping } from '../groups.ts';
import type { HarmonySettings } from './editions.ts';
import { correctBatches } from './ridge-correction.ts';
import { SoftClusters, scaleToUnit } from './soft-clusters.ts';

/** What a run begins with. */
export interface HarmonyStart {
  /** Places of cells. */
  readonly original: Float64Array; // [cells, dimensions]
  readonly batch: Grouping; // [cells]
  readonly centroids: Float64Array; // [clusters, dimensions], of unit length
  /** A permutation of the cells, for each round of clustering. */
  readonly order: () => Int32Array;
}

/** How a run ended. */
export interface Harmonised {
  readonly corrected: Float64Array; // [cells, dimensions]
  readonly memberships: Float64Array; // [cells, clusters]
  /** The objective at the start, then after each round. */
  readonly objectives: readonly number[];
  /** Rounds of clustering in each repetition. */
  readonly rounds: readonly number[];
}

/** Rounds the objective is averaged over before it is said not to change. */
const window = 3;

/** @throws CancelledError when the control's signal is aborted */
export async function harmonise(
  { original, batch, centroids, order }: HarmonyStart,
  settings: HarmonySettings,
  { onProgress, signal }: RunControl = {},
): Promise<Harmonised> {
  const dimensions = centroids.length / settings.clusters;
  const clusters = new SoftClusters(batch, centroids.slice(), settings);
  let corrected = original;
  let directions = scaleToUnit(original.slice(), dimensions);
  clusters.measure(directions);
  clusters.assign();
  const objectives = [clusters.objective()];
  const rounds: number[] = [];
  for (let iteration = 0; iteration < settings.iterations; iteration++) {
    const before = objectives[objectives.length - 1];
    if (settings.edition === 2 && iteration > 0) {
      clusters.measure(directions);
      clusters.assign();
    }
    let round = 0;
    do {
      if (settings.edition === 1) {
        clusters.centre(directions);
        clusters.measure(directions);
      }
      clusters.update(order());
      objectives.push(clusters.objective());
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while mixing batches' });
      await breathe();
    } while (
      ++round < settings.rounds &&
      (round <= window + 1 || !settled(objectives, settings.roundTolerance))
    );
    rounds.push(round);
    corrected = correctBatches(original, batch, clusters, settings);
    directions = scaleToUnit(corrected.slice(), dimensions);
    onProgress?.({ stage: 'harmony', done: iteration + 1, total: settings.iterations, unit: 'iterations' });
    const fall = (before - objectives[objectives.length - 1]) / Math.abs(before);
    // edition 2 goes on after a rise
    if (fall < settings.tolerance && (settings.edition === 1 || fall >= 0)) break;
  }
  return { corrected, memberships: clusters.memberships, objectives, rounds };
}

/** Whether the mean of the last objectives is as it was one round ago. */
function settled(objectives: readonly number[], tolerance: number): boolean {
  const sum = (end: number) => objectives.slice(end - window, end).reduce((total, value) => total + value);
  const [before, now] = [sum(objectives.length - 1), sum(objectives.length)];
  return Math.abs(before - now) / Math.abs(before) < tolerance;
}
