/** @file Pairs of cells of two batches that are among each other's nearest: the same kind of cell, seen twice. */

import { UsageError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { eachCrossTile, tileSize } from './distances.ts';
import { cellsOf, checkGrouped, type Grouping } from './groups.ts';
import { NearestSoFar } from './nearest-so-far.ts';
import { checkFinite, type Metric, unitLength } from './neighbours.ts';
import { type Points, takeRows } from './points.ts';

/** Pairs of cells, by the batches of both, then by first and second cell; none twice. */
export interface MutualPairs {
  /** A cell of the earlier batch. */
  readonly first: Int32Array; // [pairs]
  /** A cell of the later batch. */
  readonly second: Int32Array; // [pairs]
}

/** How {@link mutualNeighbours} searches. */
export interface MutualNeighbourOptions {
  /** Neighbours of a cell in each other batch; all cells of a batch that has fewer. Default 20, as in MNN and Scanorama. */
  readonly k?: number | undefined;
  /** Default `cosine`, which sees no difference of scale between batches. */
  readonly metric?: Metric | undefined;
}

/**
 * Mutual nearest neighbours (Haghverdi et al. 2018) of every two batches: cells `a` and `b` of two batches, `b` among
 * the `k` nearest of `a` in its batch and `a` among the `k` nearest of `b`. Compares all pairs of cells of different
 * batches; equally near cells come in the order of their rows.
 *
 * @throws UsageError when `k` is no whole number of at least 1
 * @throws InputError when a cell has no batch, a point has an entry that is no finite number, or no
 *   direction for `cosine`
 * @throws CancelledError when the control's signal is aborted
 */
export async function mutualNeighbours(
  points: Points,
  batch: Grouping,
  { k = 20, metric = 'cosine' }: MutualNeighbourOptions = {},
  control?: RunControl,
): Promise<MutualPairs> {
  checkRequest(points, batch, k);
  const placed = metric === 'cosine' ? unitLength(points) : points;
  const rows = batch.groups.map((_, code) => cellsOf(batch, code));
  const batches = rows.map((cells) => takeRows(placed, cells));
  const first: number[] = [];
  const second: number[] = [];
  for (let a = 0; a < rows.length; a++) {
    for (let b = a + 1; b < rows.length; b++) {
      await eachMutual(batches[a], batches[b], k, control, (i, j) => {
        first.push(rows[a][i]);
        second.push(rows[b][j]);
      });
    }
  }
  return { first: Int32Array.from(first), second: Int32Array.from(second) };
}

function checkRequest(points: Points, batch: Grouping, k: number): void {
  if (!Number.isInteger(k) || k < 1) {
    throw new UsageError({
      what: `the number of neighbours is ${k}`,
      where: 'mutual neighbours',
      expected: 'a whole number of at least 1',
      reason: 'neighbour_count',
    });
  }
  checkGrouped(points.count, batch);
  checkFinite(points);
}

/** Visits the mutual pairs of two sets of points, by the rows of both. */
async function eachMutual(
  one: Points,
  other: Points,
  k: number,
  control: RunControl | undefined,
  visit: (row: number, column: number) => void,
): Promise<void> {
  const forth = new NearestSoFar(one.count, Math.min(k, other.count), other.count);
  const back = new NearestSoFar(other.count, Math.min(k, one.count), one.count);
  const stage = 'finding mutual neighbours';
  await eachCrossTile(
    one,
    other,
    stage,
    ({ rowStart, rowEnd, columnStart, columnEnd, squared }) => {
      for (let row = rowStart; row < rowEnd; row++) {
        const start = (row - rowStart) * tileSize - columnStart;
        for (let column = columnStart; column < columnEnd; column++) {
          forth.offer(row, column, squared[start + column]);
          back.offer(column, row, squared[start + column]);
        }
      }
    },
    control,
  );
  for (let row = 0; row < one.count; row++) {
    for (const column of forth.of(row).sort()) {
      if (back.of(column).includes(row)) visit(row, column);
    }
  }
}
