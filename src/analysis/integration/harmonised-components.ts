/**
 * @file Components of expression with batches mixed by three plain steps: our classical method, and the space that the
 * model learns neighbours from.
 *
 * Cells are scaled to unit length, batches centred, and components harmonised; once with genes as they vary, once with
 * genes scaled within each batch, which lets rare types count. What each step brought is in docs/integration.md.
 */

import type { Matrix } from '../../single-cell/matrix.ts';
import { geneMoments } from '../../single-cell/preprocess/gene-moments.ts';
import { withValues } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Grouping } from '../groups.ts';
import { pcaWithin } from '../pca.ts';
import { type Points, pointsOf } from '../points.ts';
import { harmony } from './harmony.ts';
import { joined } from './joined.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { mostDeviations, unitCells } from './principal-components.ts';

/** What the components of scaled genes count for beside the others. */
export const scaledWeight = 0.5;

/**
 * Harmonised components of cells in unit length, of genes as they vary and of genes scaled within batches.
 *
 * @throws InputError when there are fewer than two cells that differ
 */
export async function harmonisedComponents(
  { expression, batch, dimensions, seed }: BatchedExpression,
  control?: RunControl,
): Promise<Integrated> {
  const cells = unitCells(expression.logged);
  const centred = await components(cells, batch, dimensions, control);
  const scaled = await components(await scaledWithin(cells, batch, control), batch, dimensions, control);
  const [plain, even] = [
    await harmony(centred, batch, { seed }, control),
    await harmony(scaled, batch, { seed }, control),
  ];
  return {
    points: joined([plain, 1], [even, scaledWeight]),
    method:
      `${expression.method}, cells of unit length, ${plain.dimensions} components within batches and ` +
      `${even.dimensions} of genes scaled within batches, each by Harmony`,
  };
}

async function components(
  matrix: Matrix,
  batch: Grouping,
  dimensions: number,
  control: RunControl | undefined,
): Promise<Points> {
  return pointsOf((await pcaWithin(matrix, batch, dimensions, control)).scores);
}

/** Genes over their deviation in the cell's batch, clipped as scaled genes usually are, less what zeros become. */
async function scaledWithin(
  matrix: Matrix,
  batch: Grouping,
  control: RunControl | undefined,
): Promise<Matrix> {
  const batches = { codes: batch.codes, names: batch.groups };
  const { perBatch } = await geneMoments(matrix, batches, undefined, control);
  return withValues(matrix, 'float64', ({ start, rowCount, indptr, indices, values }, out) => {
    for (let row = 0; row < rowCount; row++) {
      const { means, variances } = perBatch[batch.codes[start + row]];
      for (let i = indptr[row]; i < indptr[row + 1]; i++) {
        const [mean, deviation] = [means[indices[i]], Math.sqrt(variances[indices[i]] || 1)];
        out[i] = Math.min(values[i], mean + mostDeviations * deviation) / deviation;
      }
    }
  });
}
