/** @file Brings a matrix that is read in blocks into memory. */

import type { RunControl } from '../support/progress.ts';
import { CsrMatrix } from './csr-matrix.ts';
import { emptyLike, type Matrix, type SparseRows } from './matrix.ts';
import { eachBlock } from './preprocess/pass.ts';

/**
 * Reads all rows, once; the element type stays.
 *
 * @throws InputError when stored structure or values are broken
 * @throws CancelledError when the control's signal is aborted
 */
export async function inMemory(matrix: Matrix, control?: RunControl): Promise<CsrMatrix> {
  const indptr = new Float64Array(matrix.shape[0] + 1);
  const blocks: SparseRows[] = [];
  let entries = 0;
  const keep = (block: SparseRows): void => {
    for (let row = 1; row <= block.rowCount; row++) indptr[block.start + row] = entries + block.indptr[row];
    entries += block.indices.length;
    blocks.push(block);
  };
  await eachBlock(matrix, 'reading', keep, control);
  const indices = new Int32Array(entries);
  const values = emptyLike(blocks[0]?.values ?? new Float32Array(0), entries);
  let start = 0;
  for (const block of blocks) {
    indices.set(block.indices, start);
    values.set(block.values, start);
    start += block.indices.length;
  }
  return new CsrMatrix(matrix.shape, { indptr, indices, values });
}
