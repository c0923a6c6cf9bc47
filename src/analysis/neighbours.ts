/** @file The exact nearest neighbours of every point. */

import { InputError, UsageError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { type DistanceTile, eachDistanceTile, tileSize } from './distances.ts';
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
  if (!Number.isInteger(k) || k < 1 || k >= points.count) {
    throw new UsageError({
      what: `the number of neighbours is ${k}`,
      where: `${points.count} cells`,
      expected: 'a whole number of at least 1, below the number of cells',
      reason: 'neighbour_count',
    });
  }
  checkFinite(points);
  const nearest = new NearestSoFar(points.count, k);
  const visited = metric === 'cosine' ? unitLength(points) : points;
  await eachDistanceTile(visited, 'finding neighbours', (tile) => nearest.add(tile), control);
  // of unit vectors |a - b|^2 = 2 (1 - cos), which keeps the digits that 1 - cos loses for small angles
  const distances = nearest.squared.map(metric === 'cosine' ? (square) => square / 2 : Math.sqrt);
  return { count: points.count, k, indices: nearest.indices, distances };
}

/** For each point a sorted list of the nearest seen. */
class NearestSoFar {
  readonly indices: Int32Array;
  readonly squared: Float64Array;
  private readonly k: number;

  constructor(count: number, k: number) {
    this.k = k;
    this.indices = new Int32Array(count * k).fill(count); // beyond any row, so that rows come before it
    this.squared = new Float64Array(count * k).fill(Number.POSITIVE_INFINITY);
  }

  add({ rowStart, rowEnd, columnStart, columnEnd, squared }: DistanceTile): void {
    for (let row = rowStart; row < rowEnd; row++) {
      const start = (row - rowStart) * tileSize - columnStart;
      for (let column = Math.max(columnStart, row + 1); column < columnEnd; column++) {
        this.offer(row, column, squared[start + column]);
        this.offer(column, row, squared[start + column]);
      }
    }
  }

  private offer(point: number, other: number, square: number): void {
    const { indices, squared, k } = this;
    const first = point * k;
    let place = first + k - 1;
    if (square > squared[place] || (square === squared[place] && other > indices[place])) return;
    while (place > first) {
      const before = place - 1;
      if (squared[before] < square || (squared[before] === square && indices[before] < other)) break;
      squared[place] = squared[before];
      indices[place] = indices[before];
      place = before;
    }
    squared[place] = square;
    indices[place] = other;
  }
}

function checkFinite({ values, dimensions }: Points): void {
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

function unitLength({ values, count, dimensions }: Points): Points {
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
