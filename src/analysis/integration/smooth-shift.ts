/** @file How far cells are to move, from what separates pairs of matched cells near them. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Points } from '../points.ts';

/** Matched cells: each of `from` is to come to where its partner in `to` is. A cell may be in many pairs. */
export interface Matches {
  readonly from: Int32Array; // [pairs]
  readonly to: Int32Array; // [pairs]
}

/** The kernel is exp(-sigma / 2 squared distance): Scanorama's default, for points about as far apart as unit vectors. */
const sigma = 15;

/**
 * The mean of the differences of all matched pairs, weighted by how near their `from` is to the cell.
 *
 * @param cells rows of the points
 * @returns shifts, zero where no pair is near enough to have a weight, `[cells, dimensions]`
 * @throws CancelledError when the control's signal is aborted
 */
export async function smoothShift(
  { values, dimensions }: Points,
  cells: Int32Array,
  matches: Matches,
  { signal }: RunControl = {},
): Promise<Float64Array> {
  const { sources, pairs, differences } = bySource(values, dimensions, matches);
  const shifts = new Float64Array(cells.length * dimensions);
  for (let i = 0; i < cells.length; i++) {
    const shift = shifts.subarray(i * dimensions, (i + 1) * dimensions);
    let total = 0;
    for (let source = 0; source < sources.length; source++) {
      const weight = Math.exp((-sigma / 2) * squaredDistance(values, cells[i], sources[source], dimensions));
      total += weight * pairs[source];
      for (let j = 0; j < dimensions; j++) shift[j] += weight * differences[source * dimensions + j];
    }
    if (total > 0) for (let j = 0; j < dimensions; j++) shift[j] /= total;
    if (i % 64 !== 63) continue;
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while aligning batches' });
    await breathe();
  }
  return shifts;
}

/** The pairs of one cell have one weight, so their differences are added up beforehand. */
function bySource(values: Points['values'], dimensions: number, { from, to }: Matches) {
  const sources = Int32Array.from(new Set(from)).sort();
  const place = new Map(Array.from(sources, (cell, i) => [cell, i]));
  const pairs = new Int32Array(sources.length);
  const differences = new Float64Array(sources.length * dimensions);
  for (let pair = 0; pair < from.length; pair++) {
    const source = place.get(from[pair])!;
    pairs[source]++;
    for (let j = 0; j < dimensions; j++) {
      differences[source * dimensions + j] +=
        values[to[pair] * dimensions + j] - values[from[pair] * dimensions + j];
    }
  }
  return { sources, pairs, differences };
}

function squaredDistance(values: Points['values'], a: number, b: number, dimensions: number): number {
  let square = 0;
  for (let i = 0; i < dimensions; i++) {
    const difference = values[a * dimensions + i] - values[b * dimensions + i];
    square += difference * difference;
  }
  return square;
}
