/** @file Scanorama: aligns batches one by one along pairs of mutual nearest neighbours. */

import type { RunControl } from '../../support/progress.ts';
import { cellsOf, checkGrouped, type Grouping } from '../groups.ts';
import { scaleToUnit } from '../harmony/soft-clusters.ts';
import type { Points } from '../points.ts';
import { type BatchLink, batchLinks } from './batch-links.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { directionPca } from './principal-components.ts';
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
export async function scanorama(input: BatchedExpression, control?: RunControl): Promise<Integrated> {
  checkGrouped(input.expression.logged.shape[0], input.batch);
  const start = await directionPca(input, control);
  const { dimensions } = start.points;
  const values = Float64Array.from(start.points.values);
  const directions = { ...start.points, values: scaleToUnit(values.slice(), dimensions) };
  const pairs = await scanoramaPairs(directions, input.batch, control);
  const points = { ...start.points, values };
  const { aligned } = await align(points, input.batch, batchLinks(pairs, input.batch), control);
  return {
    points,
    method: `${start.method}, Scanorama's alignment of ${aligned} of ${input.batch.groups.length} batches`,
  };
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
