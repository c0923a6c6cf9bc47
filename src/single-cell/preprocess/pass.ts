/** @file One pass over a matrix, block by block, with progress and a way to stop. */

import { CancelledError, InputError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { blocksOf, type Matrix, type SparseRows } from '../matrix.ts';

/**
 * Visits every block of rows from top to bottom.
 *
 * @param stage names the pass in progress reports
 * @throws CancelledError when the control's signal is aborted
 */
export async function eachBlock(
  matrix: Matrix,
  stage: string,
  visit: (block: SparseRows) => void,
  control: RunControl = {},
): Promise<void> {
  const total = matrix.shape[0];
  for await (const block of blocksOf(matrix)) {
    if (control.signal?.aborted === true) throw new CancelledError({ what: `stopped while ${stage}` });
    visit(block);
    control.onProgress?.({ stage, done: block.start + block.rowCount, total, unit: 'cells' });
  }
}

/**
 * Refuses a block with values that are no expression.
 *
 * @throws InputError when a value is negative or not finite, naming row and column
 */
export function checkExpression(block: SparseRows): void {
  const { values, indptr, indices } = block;
  for (let i = 0; i < values.length; i++) {
    if (values[i] >= 0 && values[i] < Number.POSITIVE_INFINITY) continue;
    let row = 0;
    while (indptr[row + 1] <= i) row++;
    throw new InputError({
      what: `the value is ${values[i]}`,
      where: `row ${block.start + row}, column ${indices[i]} (counted from 0)`,
      expected: 'expression values that are finite and not negative',
      advice: 'Choose a layer with counts or log-normalised values; scaled data do not work.',
      reason: values[i] < 0 ? 'negative_value' : 'not_finite',
    });
  }
}
