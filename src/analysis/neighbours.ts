/** @file The exact nearest neighbours of every point. */

import { InputError, UsageError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { type DistanceTile, eachDistanceTile, tileSize } from './distances.ts';
import { NearestSoFar } from './nearest-so-far.ts';
import type { Points } from './points.ts';

/** How far apart points are: `cosine` is 1 minus the cosine of the angle. */
export type Metric = 'euclidean' | 'cosine';

/** The neighbours of each point, nearest first, without the point itself. */
export interface Neighbours {
  readonly count: number;
  readonly k: number;
  readonly indices: Int32Array; // [count, k]
  readonly distances: Float64Array; // [count, k]
}

/** The first `k` of more neighbours. */
export function firstNeighbours(neighbours: Neighbours, k: number): Neighbours {
  const { count, k: found } = neighbours;
  if (k === found) return neighbours;
  const indices = new Int32Array(count * k);
  const distances = new Float64Array(count * k);
  for (let point = 0; point < count; point++) {
    indices.set(neighbours.indices.subarray(point * found, point * found + k), point * k);
    distances.set(neighbours.distances.subarray(point * found, point * found + k), point * k);
  }
  return { count, k, indices, distances };
}

/**
 * Finds the `k` nearest other points of every point by comparing all pairs; equally near points come in the order
 * of their rows.
 *
 * @throws UsageError when `k` is not between 1 and the number of other points
 * @throws InputError when a point has an entry that is no finite number, or no direction for `cosine`
 */
export async function nearestNeighbours(
  points: Points,
  k: number,
  metric: Metric = 'euclidean',
  control?: RunControl,
): Promise<Neighbours> {
  checkNeighbourCount(points, k);
  checkFinite(points);
  const nearest = new NearestSoFar(points.count, k, points.count);
  await eachDistanceTile(
    placedFor(points, metric),
    'finding neighbours',
    (tile) => offerPairs(nearest, tile),
    control,
  );
  return {
    count: points.count,
    k,
    indices: nearest.indices,
    distances: distancesBy(metric, nearest.squared),
  };
}

/** Points whose squared Euclidean distances give the metric, see {@link distancesBy}. */
export function placedFor(points: Points, metric: Metric): Points {
  return metric === 'cosine' ? unitLength(points) : points;
}

/**
 * The metric's distances from the squared ones of points placed for it: of unit vectors |a - b|² = 2 (1 - cos), which
 * keeps the digits that 1 - cos loses for small angles.
 */
export function distancesBy(metric: Metric, squared: Float64Array): Float64Array {
  return squared.map(metric === 'cosine' ? (square) => square / 2 : Math.sqrt);
}

/** Offers both ends of every pair on and above the diagonal to one another. */
function offerPairs(nearest: NearestSoFar, tile: DistanceTile): void {
  const { rowStart, rowEnd, columnStart, columnEnd, squared } = tile;
  for (let row = rowStart; row < rowEnd; row++) {
    const start = (row - rowStart) * tileSize - columnStart;
    for (let column = Math.max(columnStart, row + 1); column < columnEnd; column++) {
      nearest.offer(row, column, squared[start + column]);
      nearest.offer(column, row, squared[start + column]);
    }
  }
}

/** @throws UsageError when `k` is not between 1 and the number of other points */
export function checkNeighbourCount({ count }: Points, k: number): void {
  if (Number.isInteger(k) && k >= 1 && k < count) return;
  throw new UsageError({
    what: `the number of neighbours is ${k}`,
    where: `${count} cells`,
    expected: 'a whole number of at least 1, below the number of cells',
    reason: 'neighbour_count',
  });
}

/** @throws InputError for entries that are no finite numbers, naming the first */
export function checkFinite({ values, dimensions }: Points): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new InputError({
    what: `the value is ${values[wrong]}`,
    where: `row ${Math.floor(wrong / dimensions)}, dimension ${wrong % dimensions} of the embedding (counted from 0)`,
    expected: 'finite numbers',
    advice: 'Leave cells without an embedding out.',
    reason: 'not_finite',
  });
}

/**
 * Points of the same directions at distance 1 from the origin, whose squared distances are 2 (1 - cosine).
 *
 * @throws InputError for a point at the origin
 */
export function unitLength({ values, count, dimensions }: Points): Points {
  const unit = new Float64Array(values.length);
  for (let row = 0; row < count; row++) {
    let square = 0;
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) square += values[i] * values[i];
    if (square === 0) {
      throw new InputError({
        what: 'all values are zero, so there is no angle to other cells',
        where: `row ${row} of the embedding (counted from 0)`,
        advice: 'Use Euclidean distances.',
        reason: 'zero_vector',
      });
    }
    const length = Math.sqrt(square);
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) unit[i] = values[i] / length;
  }
  return { values: unit, count, dimensions };
}
