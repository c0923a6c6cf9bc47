/** @file A dense array as a Matrix, for tests. */

import type { Matrix } from '../../../src/single-cell/matrix.ts';

/** Reads rows of a row-major array; zeros are dropped as a dense file's are. */
export function matrixOf(values: Float32Array | Float64Array, rows: number, columns: number): Matrix {
  return {
    shape: [rows, columns],
    dtype: values instanceof Float64Array ? 'float64' : 'float32',
    layout: 'dense',
    async rows(start, end) {
      const indptr = new Int32Array(end - start + 1);
      const indices: number[] = [];
      const kept: number[] = [];
      for (let row = start; row < end; row++) {
        for (let column = 0; column < columns; column++) {
          if (values[row * columns + column] === 0) continue;
          indices.push(column);
          kept.push(values[row * columns + column]);
        }
        indptr[row - start + 1] = indices.length;
      }
      const Kind = values.constructor as new (values: number[]) => Float32Array | Float64Array;
      return {
        start,
        rowCount: end - start,
        columnCount: columns,
        indptr,
        indices: Int32Array.from(indices),
        values: new Kind(kept),
      };
    },
  };
}
