/** @file How alike cells are in a space where batches are mixed: what a network is to learn from batches of cells. */

import type { RunControl } from '../../support/progress.ts';
import { type Random, randomStream } from '../../support/random.ts';
import { nearestNeighbours } from '../neighbours.ts';
import type { Points } from '../points.ts';

/** Cells as neighbours of one another. */
export interface NeighbourShares {
  /**
   * Puts cells into batches of a training epoch: half of each are cells in random order, half are one of the nearest
   * of each, because few of the cells of a random batch are neighbours.
   *
   * @param cells those to train on; neighbours are drawn from among them
   */
  epoch(cells: Int32Array, batchSize: number, seed: number, epoch: number): Int32Array[];
  /** For each cell of a batch, how it shares its likeness among the others; rows sum to 1. */
  of(members: ArrayLike<number>): Float32Array; // [members, members]
}

/** Neighbours that a cell's scale is taken from, and its partners in training drawn from. */
const neighbourCount = 15;
/**
 * The width of likeness, as a share of the squared distance to the farthest of those neighbours. In the some thirty
 * dimensions of components most of a distance is noise: with a width of 1 cells of other types seem as near.
 */
const sharpness = 0.1;

/**
 * Measures likeness by Euclidean distance, with a Gaussian as wide as each cell's neighbourhood asks for.
 *
 * @throws UsageError when there are fewer than two cells
 * @throws InputError when a point is not finite
 */
export async function neighbourShares(points: Points, control?: RunControl): Promise<NeighbourShares> {
  const k = Math.min(neighbourCount, points.count - 1);
  const { indices, distances } = await nearestNeighbours(points, k, 'euclidean', control);
  const widths = Float64Array.from({ length: points.count }, (_, cell) => {
    const farthest = distances[(cell + 1) * k - 1];
    return sharpness * farthest * farthest || 1;
  });
  return {
    epoch(cells, batchSize, seed, epoch) {
      const random = randomStream(seed, 'batches of neighbours', epoch);
      const trained = new Set(cells);
      const order = random.shuffle(cells.slice());
      const anchors = Math.max(1, Math.floor(batchSize / 2));
      const batches = Math.max(1, Math.floor(order.length / anchors));
      return Array.from({ length: batches }, (_, batch) =>
        withNeighbours(order.subarray(batch * anchors, (batch + 1) * anchors), indices, k, trained, random),
      );
    },
    of: (members) => sharesOf(points, widths, members),
  };
}

function withNeighbours(
  anchors: Int32Array,
  indices: Int32Array,
  k: number,
  trained: ReadonlySet<number>,
  random: Random,
): Int32Array {
  const members: number[] = [];
  for (const anchor of anchors) {
    members.push(anchor);
    const neighbour = indices[anchor * k + random.integer(k)];
    if (trained.has(neighbour)) members.push(neighbour);
  }
  return Int32Array.from(members);
}

function sharesOf(
  { values, dimensions }: Points,
  widths: Float64Array,
  members: ArrayLike<number>,
): Float32Array {
  const count = members.length;
  const shares = new Float32Array(count * count);
  const row = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < count; j++) {
      row[j] = 0;
      for (let d = 0; d < dimensions; d++) {
        row[j] += (values[members[i] * dimensions + d] - values[members[j] * dimensions + d]) ** 2;
      }
      if (i !== j) least = Math.min(least, row[j]);
    }
    let total = 0;
    for (let j = 0; j < count; j++) {
      row[j] = i === j ? 0 : Math.exp((least - row[j]) / widths[members[i]]);
      total += row[j];
    }
    if (total > 0) for (let j = 0; j < count; j++) shares[i * count + j] = row[j] / total;
  }
  return shares;
}
