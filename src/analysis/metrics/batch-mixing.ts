/** @file How well batches are mixed, for data without labels. */

import type { RunControl } from '../../support/progress.ts';
import { checkGrouped, type Grouping } from '../groups.ts';
import { firstNeighbours, type Neighbours, nearestNeighbours } from '../neighbours.ts';
import type { Points } from '../points.ts';
import { kBet } from './kbet.ts';
import { iLisi } from './lisi.ts';
import { pcrComparison } from './principal-component-regression.ts';

/** Neighbours that LISI and kBET look at, the cell counted, as in scib-metrics. */
export const lisiNeighbours = 90;
export const kBetNeighbours = 50;

/** What {@link batchMixing} gives: each 0 .. 1, high when batches are mixed, NaN for a single batch. */
export interface BatchMixing {
  readonly iLisi: number;
  /** Of all cells together, so that types that only one batch has count as unmixed. */
  readonly kBet: number;
  /** Only with the cells before integration. */
  readonly pcrComparison?: number;
}

/** How {@link batchMixing} works. */
export interface BatchMixingOptions extends RunControl {
  /** The same cells before integration, such as principal components of their expression. */
  readonly unintegrated?: Points | undefined;
}

/**
 * Scores the mixing of batches where nothing is known of cell types. Mixing alone is no sign of a good embedding: one
 * without any structure mixes best.
 *
 * @param batch every cell has one
 * @throws InputError when a cell has no batch or no finite place, or the grouping is of other cells
 * @throws UsageError when there are fewer than two cells
 * @throws CancelledError when the signal is aborted
 */
export async function batchMixing(
  points: Points,
  batch: Grouping,
  { unintegrated, ...control }: BatchMixingOptions = {},
): Promise<BatchMixing> {
  checkGrouped(points.count, batch);
  const neighbours = await nearest(points, lisiNeighbours, control);
  return {
    iLisi: iLisi(neighbours, batch),
    kBet: kBet(nearestOf(neighbours, kBetNeighbours), batch).acceptance,
    ...(unintegrated === undefined ? {} : { pcrComparison: pcrComparison(unintegrated, points, batch) }),
  };
}

/** The neighbours of all cells, so many with the cell counted; all others where there are fewer. */
export async function nearest(points: Points, counted: number, control?: RunControl): Promise<Neighbours> {
  return nearestNeighbours(points, Math.max(1, Math.min(counted, points.count) - 1), 'euclidean', control);
}

/** Fewer of the neighbours found, so many with the cell counted. */
export function nearestOf(neighbours: Neighbours, counted: number): Neighbours {
  return firstNeighbours(neighbours, Math.min(neighbours.k, counted - 1));
}
