/** @file Points as a matrix, for what reads matrices. */

import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { Points } from '../points.ts';

/** Every entry stored, zeros too; nothing of the values is copied. */
export function matrixOf({ values, count, dimensions }: Points): CsrMatrix {
  return new CsrMatrix([count, dimensions], {
    indptr: Float64Array.from({ length: count + 1 }, (_, row) => row * dimensions),
    indices: Int32Array.from(values, (_, i) => i % dimensions),
    values,
  });
}
