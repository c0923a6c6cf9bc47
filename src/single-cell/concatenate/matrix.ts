/** @file Matrices below one another, with their columns moved to common places. */

import { canonicalRows } from '../encoding/canonical.ts';
import { type Matrix, type SparseRows, stackBlocks } from '../matrix.ts';
import { placeColumns } from '../subset.ts';
import { arrayOf, cast, commonDtype } from './dtypes.ts';

/**
 * The rows of all matrices, read from them when asked for; columns that one lacks are zero in its rows.
 *
 * @param places the new index of each matrix's columns, -1 for those left out
 */
export function joinMatrices(
  matrices: readonly Matrix[],
  places: readonly Int32Array[],
  columnCount: number,
): Matrix {
  const dtype = commonDtype(matrices.map((matrix) => matrix.dtype));
  const starts = [0];
  for (const { shape } of matrices) starts.push(starts.at(-1)! + shape[0]);
  return {
    shape: [starts.at(-1)!, columnCount],
    dtype,
    layout: matrices.every(({ layout }) => layout === 'dense') ? 'dense' : 'csr',
    async rows(start, end) {
      const blocks: SparseRows[] = [];
      for (const [i, matrix] of matrices.entries()) {
        const from = Math.max(start, starts[i]) - starts[i];
        const to = Math.min(end, starts[i + 1]) - starts[i];
        if (from >= to) continue;
        const moved = canonicalRows(placeColumns(await matrix.rows(from, to), places[i], columnCount));
        blocks.push({ ...moved, values: cast(moved.values, dtype) });
      }
      return stackBlocks(blocks, start, columnCount, arrayOf(dtype, 0));
    },
  };
}
