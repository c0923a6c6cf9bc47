/** @file The values of a lazily read matrix, for comparing. */

import type { Matrix } from '../../../src/single-cell/matrix.ts';

/** All values of a matrix, row by row. */
export async function dense(matrix: Matrix): Promise<number[][]> {
  const block = await matrix.rows(0, matrix.shape[0]);
  const out = Array.from({ length: block.rowCount }, () => new Array<number>(matrix.shape[1]).fill(0));
  for (let row = 0; row < block.rowCount; row++) {
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++)
      out[row][block.indices[i]] = block.values[i];
  }
  return out;
}
