/** @file Where Harmony's clusters begin: k-means of directions, begun from cells that lie far apart. */

import type { Random } from '../../support/random.ts';
import { scaleToUnit } from './soft-clusters.ts';

/** As many as harmonypy makes. */
const lloydSteps = 10;

/**
 * k-means++ (Arthur & Vassilvitskii 2007) and ten steps of Lloyd's algorithm.
 *
 * @param directions `[cells, dimensions]`, of unit length
 * @returns directions of unit length, `[clusters, dimensions]`
 */
export function firstCentroids(
  directions: Float64Array,
  dimensions: number,
  clusters: number,
  random: Random,
): Float64Array {
  const centroids = spread(directions, dimensions, clusters, random);
  for (let step = 0; step < lloydSteps; step++) move(centroids, directions, dimensions);
  return scaleToUnit(centroids, dimensions);
}

/** Draws cells one by one, each with a chance in proportion to its squared distance from the nearest drawn before. */
function spread(
  directions: Float64Array,
  dimensions: number,
  clusters: number,
  random: Random,
): Float64Array {
  const cells = directions.length / dimensions;
  const centroids = new Float64Array(clusters * dimensions);
  const nearest = new Float64Array(cells).fill(Number.POSITIVE_INFINITY);
  let drawn = random.integer(cells);
  for (let cluster = 0; ; ) {
    const centroid = directions.subarray(drawn * dimensions, (drawn + 1) * dimensions);
    centroids.set(centroid, cluster * dimensions);
    if (++cluster === clusters) return centroids;
    let total = 0;
    for (let cell = 0; cell < cells; cell++) {
      nearest[cell] = Math.min(
        nearest[cell],
        squaredDistance(directions, cell * dimensions, centroid, 0, dimensions),
      );
      total += nearest[cell];
    }
    let rest = random.uniform() * total;
    drawn = 0;
    while (drawn < cells - 1 && rest >= nearest[drawn]) rest -= nearest[drawn++];
  }
}

/** Moves each centroid to the mean of the cells it is nearest to; one with none stays. */
function move(centroids: Float64Array, directions: Float64Array, dimensions: number): void {
  const sums = new Float64Array(centroids.length);
  const sizes = new Int32Array(centroids.length / dimensions);
  for (let row = 0; row < directions.length; row += dimensions) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let start = 0; start < centroids.length; start += dimensions) {
      const square = squaredDistance(directions, row, centroids, start, dimensions);
      if (square >= least) continue;
      least = square;
      best = start;
    }
    sizes[best / dimensions]++;
    for (let i = 0; i < dimensions; i++) sums[best + i] += directions[row + i];
  }
  for (let place = 0; place < centroids.length; place++) {
    const size = sizes[Math.floor(place / dimensions)];
    if (size > 0) centroids[place] = sums[place] / size;
  }
}

function squaredDistance(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  dimensions: number,
): number {
  let square = 0;
  for (let i = 0; i < dimensions; i++) {
    const difference = a[aStart + i] - b[bStart + i];
    square += difference * difference;
  }
  return square;
}
