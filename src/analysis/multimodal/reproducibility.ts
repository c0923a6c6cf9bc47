/** @file How much of a modality repeats: do cells that are neighbours by half of its features agree in the other half? */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectGenes } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { type Neighbours, nearestNeighbours } from '../neighbours.ts';
import type { Points } from '../points.ts';

/** Cells whose mean predicts a cell. */
const predictors = 15;

/** What of the points' variance the mean of each cell's neighbours, found elsewhere, explains; below 0 for none. */
export function explainedByNeighbours({ values, count, dimensions }: Points, near: Neighbours): number {
  const means = new Float64Array(dimensions);
  for (let i = 0; i < values.length; i++) means[i % dimensions] += values[i] / count;
  let residual = 0;
  let total = 0;
  for (let cell = 0; cell < count; cell++) {
    for (let d = 0; d < dimensions; d++) {
      let mean = 0;
      for (let i = cell * near.k; i < (cell + 1) * near.k; i++)
        mean += values[near.indices[i] * dimensions + d];
      const value = values[cell * dimensions + d];
      residual += (value - mean / near.k) ** 2;
      total += (value - means[d]) ** 2;
    }
  }
  return total > 0 ? 1 - residual / total : 0;
}

/** Components of some features of a modality. */
export type ComponentsOf = (values: CsrMatrix) => Promise<Points>;

/**
 * Splits the features at random into halves, finds neighbours by one half's components, and tells what share of the
 * variance of the other half's components they explain, as the mean over both ways round. Noise of single features is
 * in one half alone: it explains nothing. No label is looked at.
 */
export async function reproducibility(
  matrix: CsrMatrix,
  components: ComponentsOf,
  { seed, ...control }: RunControl & { readonly seed: number },
): Promise<number> {
  const order = randomStream(seed, 'halves of features').shuffle(
    Int32Array.from({ length: matrix.shape[1] }, (_, feature) => feature),
  );
  const middle = Math.floor(order.length / 2);
  const halves = [order.slice(0, middle).sort(), order.slice(middle).sort()];
  const points = await Promise.all(
    halves.map((half) => inMemory(selectGenes(matrix, half)).then(components)),
  );
  const near = await Promise.all(
    points.map((half) => nearestNeighbours(half, Math.min(predictors, half.count - 1), 'euclidean', control)),
  );
  return (explainedByNeighbours(points[1], near[0]) + explainedByNeighbours(points[0], near[1])) / 2;
}
