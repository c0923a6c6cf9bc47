/** @file Principal component regression: how much of the variance of an embedding its batches explain. */

import { checkGrouped, type Grouping, groupSizes } from '../groups.ts';
import { checkFinite } from '../neighbours.ts';
import type { Points } from '../points.ts';

/**
 * The share of the variance along all principal components that the batch explains by linear regression (Büttner et
 * al. 2019): the sum over components of R² times variance, over the sum of variances. As components are rotated
 * dimensions, that is the variance between the means of batches over all variance, and no component is computed.
 *
 * @param batch every cell has one
 * @returns 0 .. 1; NaN where all cells are in one place
 * @throws InputError when a cell has no batch or no finite place, or the grouping is of other cells
 */
export function principalComponentRegression(points: Points, batch: Grouping): number {
  const { values, count, dimensions } = points;
  checkGrouped(count, batch);
  checkFinite(points);
  const sizes = groupSizes(batch.codes, batch.groups.length);
  const sums = new Float64Array(sizes.length * dimensions);
  for (let cell = 0; cell < count; cell++) {
    const start = batch.codes[cell] * dimensions;
    for (let i = 0; i < dimensions; i++) sums[start + i] += values[cell * dimensions + i];
  }
  const overall = Float64Array.from({ length: dimensions }, (_, i) => {
    let sum = 0;
    for (let code = 0; code < sizes.length; code++) sum += sums[code * dimensions + i];
    return sum / count;
  });
  let between = 0;
  let total = 0;
  for (let i = 0; i < dimensions; i++) {
    for (let code = 0; code < sizes.length; code++) {
      if (sizes[code] > 0)
        between += sizes[code] * (sums[code * dimensions + i] / sizes[code] - overall[i]) ** 2;
    }
    for (let cell = 0; cell < count; cell++) total += (values[cell * dimensions + i] - overall[i]) ** 2;
  }
  return Math.min(1, between / total); // rounding may pass the limit
}

/**
 * How much of what batches explained is gone after integration, 0 .. 1: 0 also where batches explain more than before,
 * NaN where they explained nothing (Luecken et al. 2022, doi:10.1038/s41592-021-01336-8).
 *
 * @param unintegrated the same cells before, such as principal components of their expression
 */
export function pcrComparison(unintegrated: Points, integrated: Points, batch: Grouping): number {
  const before = principalComponentRegression(unintegrated, batch);
  const after = principalComponentRegression(integrated, batch);
  return Math.max(0, (before - after) / before);
}
