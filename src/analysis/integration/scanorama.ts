/** @file Scanorama: aligns batches one by one along pairs of mutual nearest neighbours. */

import type { Matrix } from '../../single-cell/matrix.ts';
import { withValues } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import { cellsOf, checkGrouped, type Grouping } from '../groups.ts';
import { scaleToUnit } from '../harmony/soft-clusters.ts';
import { pca } from '../pca.ts';
import { type Points, pointsOf } from '../points.ts';
import { type BatchLink, batchLinks } from './batch-links.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { scanoramaPairs } from './scanorama-pairs.ts';
import { type Matches, smoothShift } from './smooth-shift.ts';

/** Two batches are aligned when more than this share of the cells of either has a partner. */
const leastShare = 0.1;
/** A batch that was aligned so often is aligned again only with one that was not. */
const mostAlignments = 3;

/**
 * Integrates batches as Scanorama does (Hie, Bryson & Berger 2019, defaults): principal components of cells of unit
 * length, pairs of mutual nearest neighbours by direction, then pair of batches by pair, the best matched first, one
 * batch (with all that were joined to it) moves onto the other by the smoothed differences of their pairs. A batch
 * without enough pairs stays where it is. Scanorama's neighbours are approximate, these exact.
 *
 * @throws InputError when a cell has no batch, or fewer than two cells differ
 * @throws CancelledError when the control's signal is aborted
 */
export async function scanorama(
  { expression, batch, dimensions }: BatchedExpression,
  control?: RunControl,
): Promise<Integrated> {
  checkGrouped(expression.logged.shape[0], batch);
  const start = pointsOf((await pca(unitRows(expression.logged), dimensions, control)).scores);
  const values = Float64Array.from(start.values);
  const directions = { ...start, values: scaleToUnit(values.slice(), start.dimensions) };
  const pairs = await scanoramaPairs(directions, batch, control);
  const points = { ...start, values };
  const { aligned } = await align(points, batch, batchLinks(pairs, batch), control);
  return {
    points,
    method: [
      expression.method,
      `${start.dimensions} principal components of cells of unit length`,
      `Scanorama's alignment of ${aligned} of ${batch.groups.length} batches`,
    ].join(', '),
  };
}

/** Cells scaled to unit length. */
function unitRows(matrix: Matrix): Matrix {
  return withValues(matrix, 'float64', ({ rowCount, indptr, values }, out) => {
    for (let row = 0; row < rowCount; row++) {
      let square = 0;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) square += values[i] * values[i];
      for (let i = indptr[row]; i < indptr[row + 1]; i++) out[i] = values[i] / Math.sqrt(square || 1);
    }
  });
}

/** Moves the points, in place. Pairs are those found before anything moved; their differences are measured anew. */
async function align(
  points: Points,
  batch: Grouping,
  links: readonly BatchLink[],
  control?: RunControl,
): Promise<{ readonly aligned: number }> {
  const cells = batch.groups.map((_, code) => cellsOf(batch, code));
  const move = async (batches: readonly number[], matches: Matches): Promise<void> => {
    const moving = Int32Array.from(batches.flatMap((code) => [...cells[code]]));
    const shifts = await smoothShift(points, moving, matches, control);
    for (let i = 0; i < moving.length; i++) addRow(points, moving[i], shifts, i);
  };
  const joined = new Map<number, number[]>(); // batch to all that were joined to it, itself among them
  const times = new Int32Array(batch.groups.length);
  for (const link of links.filter(({ share }) => share > leastShare)) {
    const [one, other] = link.batches;
    times[one]++;
    times[other]++;
    if (times[one] > mostAlignments && times[other] > mostAlignments) continue;
    const [mine, theirs] = [joined.get(one), joined.get(other)];
    if (mine !== undefined && theirs !== undefined) {
      await move(mine, link.from(one));
      if (mine === theirs) continue;
      mine.push(...theirs);
      for (const code of theirs) joined.set(code, mine);
      continue;
    }
    // the batch that is alone moves onto those that are joined; of two alone, the smaller
    const mover =
      mine === undefined && (theirs !== undefined || cells[one].length < cells[other].length) ? one : other;
    const panorama = mine ?? theirs ?? [mover === one ? other : one];
    await move([mover], matchesWith(links, mover, panorama));
    panorama.push(mover);
    for (const code of panorama) joined.set(code, panorama);
  }
  return { aligned: joined.size };
}

/** All pairs of a batch's cells with those of some others. */
function matchesWith(links: readonly BatchLink[], batch: number, others: readonly number[]): Matches {
  const matches = links
    .filter(
      ({ batches: [a, b] }) => (a === batch && others.includes(b)) || (b === batch && others.includes(a)),
    )
    .map((link) => link.from(batch));
  return {
    from: Int32Array.from(matches.flatMap(({ from }) => [...from])),
    to: Int32Array.from(matches.flatMap(({ to }) => [...to])),
  };
}

function addRow({ values, dimensions }: Points, row: number, shifts: Float64Array, from: number): void {
  for (let i = 0; i < dimensions; i++) values[row * dimensions + i] += shifts[from * dimensions + i];
}
