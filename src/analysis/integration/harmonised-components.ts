/**
 * @file Components of expression in which batches are mixed by plain steps: our classical method, and the space that a
 * model learns neighbours from.
 */

import type { Matrix } from '../../single-cell/matrix.ts';
import { geneMoments } from '../../single-cell/preprocess/gene-moments.ts';
import { withValues } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import { type Grouping, groupSizes } from '../groups.ts';
import { pcaWithin } from '../pca.ts';
import { pointsOf } from '../points.ts';
import { harmony } from './harmony.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { mostDeviations, unitCells } from './principal-components.ts';

/**
 * Cells scaled to unit length, which takes differences of depth; genes scaled within each batch by the root of their
 * deviation (Pareto scaling), so that genes of rare types count, but noise does not count as much as in full scaling;
 * each batch's means taken away, which takes what all of its cells share; components, harmonised, which takes what is
 * left. Means differ, too, where batches hold other shares of cell types: Harmony moves those back.
 *
 * What each step brings is in docs/integration.md.
 *
 * @throws InputError when there are fewer than two cells that differ
 */
export async function harmonisedComponents(
  { expression, batch, dimensions, seed }: BatchedExpression,
  control?: RunControl,
): Promise<Integrated> {
  const scaled = await paretoScaled(unitCells(expression.logged), batch, control);
  const { scores } = await pcaWithin(scaled, batch, dimensions, control);
  return {
    points: await harmony(pointsOf(scores), batch, { seed }, control),
    method: `${expression.method}, cells of unit length, genes Pareto-scaled and centred within batches, ${scores.shape[1]} components, Harmony`,
  };
}

/** Genes over the root of their deviation in the cell's batch, or in all cells where a batch has but one; clipped. */
async function paretoScaled(
  matrix: Matrix,
  batch: Grouping,
  control: RunControl | undefined,
): Promise<Matrix> {
  const sizes = groupSizes(batch.codes, batch.groups.length);
  const within = sizes.every((size) => size > 1); // a batch of one cell has no deviations
  const batches = within ? { codes: batch.codes, names: batch.groups } : null;
  const { all, perBatch } = await geneMoments(matrix, batches, undefined, control);
  return withValues(matrix, 'float64', ({ start, rowCount, indptr, indices, values }, out) => {
    for (let row = 0; row < rowCount; row++) {
      const { means, variances } = within ? perBatch[batch.codes[start + row]] : all;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) {
        const deviation = Math.sqrt(variances[indices[i]] || 1);
        const most = means[indices[i]] + mostDeviations * deviation;
        out[i] = Math.min(values[i], most) / Math.sqrt(deviation);
      }
    }
  });
}
