/** @file Mutual nearest neighbour correction, as fastMNN does it, by scran.js. */

import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { checkGrouped } from '../groups.ts';
import { withScran } from '../scran.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { directionPca } from './principal-components.ts';

/**
 * Moves batch after batch onto those before by the differences between mutual nearest neighbours (Haghverdi et al.
 * 2018; the mnncorrect library with its defaults: 15 exact neighbours, the batch that varies most first), in principal
 * components of cells of unit length as fastMNN does. One batch comes back as it was.
 *
 * @throws InputError when a cell has no batch, or fewer than two cells differ
 * @throws CancelledError when the control's signal is aborted before the correction, which cannot be stopped
 */
export async function mnnCorrection(input: BatchedExpression, control?: RunControl): Promise<Integrated> {
  const { batch } = input;
  checkGrouped(input.expression.logged.shape[0], batch);
  const { points, method } = await directionPca(input, control);
  const { count, dimensions } = points;
  const values = await withScran(async (scran) => {
    if (control?.signal?.aborted === true)
      throw new CancelledError({ what: 'stopped before MNN correction' });
    return scran.mnnCorrect(Float64Array.from(points.values), batch.codes, {
      numberOfDims: dimensions,
      numberOfCells: count,
      approximate: false,
      numberOfThreads: 1,
    });
  });
  return { points: { values, count, dimensions }, method: `${method}, MNN correction` };
}
