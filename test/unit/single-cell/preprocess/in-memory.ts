/** @file A sparse matrix in memory, in the lazy form the readers give. */

import type { Matrix, NumericArray, StoredDtype } from '../../../../src/single-cell/matrix.ts';

export function csrMatrix(
  shape: readonly [number, number],
  indptr: ArrayLike<number>,
  indices: Int32Array,
  values: NumericArray,
  dtype: StoredDtype = values instanceof Float64Array ? 'float64' : 'float32',
): Matrix {
  return {
    shape,
    dtype,
    layout: 'csr',
    async rows(start, end) {
      const begin = indptr[start];
      return {
        start,
        rowCount: end - start,
        columnCount: shape[1],
        indptr: Int32Array.from({ length: end - start + 1 }, (_, i) => indptr[start + i] - begin),
        indices: indices.slice(begin, indptr[end]),
        values: values.slice(begin, indptr[end]),
      };
    },
  };
}

export function denseMatrix(
  rows: readonly (readonly number[])[],
  Kind: typeof Float32Array | typeof Float64Array | typeof Int32Array = Float32Array,
): Matrix {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    for (const [column, value] of row.entries()) {
      if (value === 0) continue;
      indices.push(column);
      values.push(value);
    }
    indptr.push(indices.length);
  }
  return csrMatrix(
    [rows.length, rows[0]?.length ?? 0],
    indptr,
    Int32Array.from(indices),
    Kind.from(values) as NumericArray,
  );
}

/** All rows, dense; read in blocks of different sizes, so that views are tried at their seams. */
export async function denseRows(matrix: Matrix, blockRows = 7): Promise<number[][]> {
  const rows: number[][] = [];
  for (let start = 0; start < matrix.shape[0]; start += blockRows) {
    const block = await matrix.rows(start, Math.min(start + blockRows, matrix.shape[0]));
    for (let row = 0; row < block.rowCount; row++) {
      const dense = new Array<number>(block.columnCount).fill(0);
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++)
        dense[block.indices[i]] = block.values[i];
      rows.push(dense);
    }
  }
  return rows;
}
