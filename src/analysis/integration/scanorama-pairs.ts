/** @file The pairs of cells that Scanorama aligns batches along. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { cellsOf, type Grouping } from '../groups.ts';
import type { MutualPairs } from '../mutual-neighbours.ts';
import { NearestSoFar } from '../nearest-so-far.ts';
import type { Points } from '../points.ts';

/** Scanorama's default. */
const neighbours = 20;

/**
 * Pairs of cells of two batches, each among the 20 nearest of the other by Manhattan distance, where a cell's
 * neighbours are looked for in all earlier batches together and in all later batches together: a batch that resembles
 * others less gets fewer. Compares all pairs of cells of different batches; equally near ones come in the order of rows.
 *
 * @throws CancelledError when the control's signal is aborted
 */
export async function scanoramaPairs(
  points: Points,
  batch: Grouping,
  { onProgress, signal }: RunControl = {},
): Promise<MutualPairs> {
  const { count } = points;
  const earlier = new NearestSoFar(count, neighbours, count);
  const later = new NearestSoFar(count, neighbours, count);
  const cells = batch.groups.map((_, code) => cellsOf(batch, code));
  let done = 0;
  for (const [code, rows] of cells.entries()) {
    for (const one of rows) {
      for (const columns of cells.slice(code + 1)) {
        for (const other of columns) {
          const distance = manhattan(points, one, other);
          later.offer(one, other, distance);
          earlier.offer(other, one, distance);
        }
      }
      if (++done % 64 !== 0) continue;
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while matching batches' });
      onProgress?.({ stage: 'matching batches', done, total: count, unit: 'cells' });
      await breathe();
    }
  }
  return mutual(earlier, later, count);
}

function manhattan({ values, dimensions }: Points, a: number, b: number): number {
  const [aStart, bStart] = [a * dimensions, b * dimensions];
  let sum = 0;
  for (let i = 0; i < dimensions; i++) sum += Math.abs(values[aStart + i] - values[bStart + i]);
  return sum;
}

function mutual(earlier: NearestSoFar, later: NearestSoFar, count: number): MutualPairs {
  const first: number[] = [];
  const second: number[] = [];
  for (let one = 0; one < count; one++) {
    for (const other of later.of(one).sort()) {
      if (other === count || !earlier.of(other).includes(one)) continue; // `count` fills lists that are not full
      first.push(one);
      second.push(other);
    }
  }
  return { first: Int32Array.from(first), second: Int32Array.from(second) };
}
