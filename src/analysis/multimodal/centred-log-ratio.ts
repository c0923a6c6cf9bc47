/** @file Protein counts of a cell relative to its other proteins: centred log-ratios. */

import type { Matrix } from '../../single-cell/matrix.ts';
import { checkExpression, eachBlock } from '../../single-cell/preprocess/pass.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Points } from '../points.ts';

/**
 * ln(1 + count) less the cell's mean of it over all proteins (Stoeckius et al. 2017), so that what stains a whole cell
 * more does not count. Zeros become negative: the result is dense.
 *
 * @throws InputError when counts are negative or not finite
 */
export async function centredLogRatio(matrix: Matrix, control?: RunControl): Promise<Points> {
  const [count, dimensions] = matrix.shape;
  const ratios = new Float64Array(count * dimensions);
  await eachBlock(
    matrix,
    'log-ratios of proteins',
    (block) => {
      checkExpression(block);
      const { start, rowCount, indptr, indices, values } = block;
      for (let row = 0; row < rowCount; row++) {
        const own = ratios.subarray((start + row) * dimensions, (start + row + 1) * dimensions);
        let sum = 0;
        for (let i = indptr[row]; i < indptr[row + 1]; i++) {
          own[indices[i]] = Math.log1p(values[i]);
          sum += own[indices[i]];
        }
        for (let j = 0; j < dimensions; j++) own[j] -= sum / dimensions;
      }
    },
    control,
  );
  return { values: ratios, count, dimensions };
}
