/** @file A score of integration that needs no labels: what training may be stopped by. */

import { UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { cellsOf, checkGrouped, type Grouping } from '../groups.ts';
import { nearestNeighbours } from '../neighbours.ts';
import { type Points, takeRows } from '../points.ts';
import { lisiNeighbours, nearest } from './batch-mixing.ts';
import { iLisi } from './lisi.ts';

/** What {@link labelFreeScore} gives, each 0 .. 1 and high when good. */
export interface LabelFreeScore {
  /** iLISI: how well batches are mixed. NaN for a single batch. */
  readonly mixing: number;
  /** Share of the cells' nearest neighbours within their batch that stay so. NaN when every batch is too small. */
  readonly kept: number;
  /** The mean of both. */
  readonly score: number;
}

/** Neighbours of a cell within its batch that are to be kept. */
const neighbourCount = 15;
/** Cells of a batch that leave a choice of neighbours: without a batch of so many there is no score. */
export const fewestLabelFreeCells = neighbourCount + 2;

/**
 * Scores an integration by what may be asked of any: that batches are mixed, and that each batch keeps the structure
 * it has by itself. The first alone is best for an embedding without structure, the second alone for one without
 * integration. A batch has no batch effect within itself, so its cells' neighbours in the uncorrected data are the
 * best that is known of them without labels.
 *
 * Compare embeddings of one kind by it, such as the epochs of a run: one that denoises or scales genes keeps fewer
 * neighbours of the reference, however good it is.
 *
 * An epoch or a setting chosen by this score was chosen by no label, so that scores against labels stay fair.
 *
 * @param reference the same cells uncorrected: principal components of their expression
 * @param batch every cell has one; batches of 16 cells or fewer, whose neighbours leave no choice, count for mixing only
 * @throws UsageError when the points are not of the same cells, or fewer than two
 * @throws InputError when a cell has no batch or no finite place, or the grouping is of other cells
 * @throws CancelledError when the signal is aborted
 */
export async function labelFreeScore(
  points: Points,
  reference: Points,
  batch: Grouping,
  control?: RunControl,
): Promise<LabelFreeScore> {
  checkGrouped(points.count, batch);
  if (reference.count !== points.count) {
    throw new UsageError({
      what: `there are ${points.count} integrated and ${reference.count} uncorrected cells`,
      where: 'label-free score',
      expected: 'the same cells in both, in one order',
      reason: 'cells_differ',
    });
  }
  const mixing = iLisi(await nearest(points, lisiNeighbours, control), batch);
  const kept = await keptShare(points, reference, batch, control);
  return { mixing, kept, score: (mixing + kept) / 2 };
}

/** The mean over cells of the share of their nearest neighbours in their batch that are so in both. */
async function keptShare(
  points: Points,
  reference: Points,
  batch: Grouping,
  control: RunControl | undefined,
): Promise<number> {
  let kept = 0;
  let wanted = 0;
  for (const code of batch.groups.keys()) {
    const cells = cellsOf(batch, code);
    if (cells.length < fewestLabelFreeCells) continue;
    const neighboursIn = (space: Points) =>
      nearestNeighbours(takeRows(space, cells), neighbourCount, 'euclidean', control);
    const now = (await neighboursIn(points)).indices;
    const before = (await neighboursIn(reference)).indices;
    for (let start = 0; start < before.length; start += neighbourCount) {
      const own = new Set(before.subarray(start, start + neighbourCount));
      for (let i = start; i < start + neighbourCount; i++) if (own.has(now[i])) kept++;
    }
    wanted += before.length;
  }
  return kept / wanted;
}
