/** @file Ridge regression of hidden genes on components of the visible ones. */

import { cholesky, solveInPlace } from '../../cholesky.ts';
import type { Points } from '../../points.ts';
import { geneSums } from '../gene-means.ts';
import type { IncompleteExpression } from '../incomplete-expression.ts';
import { crossProducts, type LinearMap, mapped } from './linear.ts';
import type { PanelMethod } from './method.ts';
import { sharedComponents } from './shared-components.ts';

/** Ridge regression with an intercept on 30 principal components. */
export const ridgeOnComponents = (penalty = 1): PanelMethod => ({
  id: 'ridge-pca-30',
  name: 'ridge on 30 PCs',
  async fit({ visible, hidden }, query, control) {
    const shared = await sharedComponents(visible, query, control);
    return mapped(ridgeMap(shared.reference, hidden, penalty), shared.query);
  },
});

/** Least squares with a penalty on the weights, not on the intercept. */
export function ridgeMap(points: Points, targets: IncompleteExpression, penalty: number): LinearMap {
  const { count, dimensions } = points;
  const means = new Float64Array(dimensions);
  for (let i = 0; i < points.values.length; i++) means[i % dimensions] += points.values[i] / count;
  const centred = {
    ...points,
    values: Float64Array.from(points.values, (value, i) => value - means[i % dimensions]),
  };
  const gram = new Float64Array(dimensions * dimensions);
  for (let cell = 0; cell < count; cell++) {
    const row = centred.values.subarray(cell * dimensions, (cell + 1) * dimensions);
    for (let a = 0; a < dimensions; a++) {
      for (let b = 0; b < dimensions; b++) gram[a * dimensions + b] += row[a] * row[b];
    }
  }
  for (let d = 0; d < dimensions; d++) gram[d * dimensions + d] += penalty;
  const weights = crossProducts(centred, targets);
  solveInPlace(cholesky(gram, dimensions), weights);
  const intercept = geneSums(targets).sums.map((sum) => sum / targets.cells);
  weights.forEach((weight, d) => {
    for (let gene = 0; gene < intercept.length; gene++) intercept[gene] -= means[d] * weight[gene];
  });
  return { weights, intercept };
}
