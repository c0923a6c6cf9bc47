/** @file What linear classifiers learn from: rows of numbers, dense or sparse, and products with them. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';
import type { Points } from '../points.ts';

/** Cells in rows: expression, or an embedding, or both side by side. */
export type Features = CsrMatrix | Points;

/** All rows as entries, those of dense features with a column for each; no copy of what is sparse. */
export async function entriesOf(features: Features): Promise<SparseRows> {
  if ('rows' in features) return features.rows(0, features.shape[0]);
  const { values, count, dimensions } = features;
  return {
    start: 0,
    rowCount: count,
    columnCount: dimensions,
    indptr: Int32Array.from({ length: count + 1 }, (_, row) => row * dimensions),
    indices: Int32Array.from(values, (_, i) => i % dimensions),
    values,
  };
}

/** Four sums at a time stay in registers, which halves the time of both products. */
const together = 4;

/** features x weights, into `product`. */
export function multiply(
  { rowCount, columnCount, indptr, indices, values }: SparseRows,
  weights: Float64Array, // [columns, outputs]
  outputs: number,
  product: Float64Array, // [rows, outputs]
): void {
  const width = Math.ceil(outputs / together) * together;
  const padded = new Float64Array(columnCount * width);
  copyColumns(weights, outputs, padded, width);
  const sums = new Float64Array(width);
  for (let row = 0; row < rowCount; row++) {
    const end = indptr[row + 1];
    for (let first = 0; first < width; first += together) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let i = indptr[row]; i < end; i++) {
        const value = values[i];
        const place = indices[i] * width + first;
        a += value * padded[place];
        b += value * padded[place + 1];
        c += value * padded[place + 2];
        d += value * padded[place + 3];
      }
      sums[first] = a;
      sums[first + 1] = b;
      sums[first + 2] = c;
      sums[first + 3] = d;
    }
    for (let output = 0; output < outputs; output++) product[row * outputs + output] = sums[output];
  }
}

/** transposed features x rows of numbers, into `product`. */
export function multiplyTransposed(
  { rowCount, columnCount, indptr, indices, values }: SparseRows,
  rows: Float64Array, // [rows, outputs]
  outputs: number,
  product: Float64Array, // [columns, outputs]
): void {
  const width = Math.ceil(outputs / together) * together;
  const padded = new Float64Array(columnCount * width);
  const factors = new Float64Array(width);
  for (let row = 0; row < rowCount; row++) {
    const end = indptr[row + 1];
    for (let output = 0; output < outputs; output++) factors[output] = rows[row * outputs + output];
    for (let first = 0; first < width; first += together) {
      const [a, b, c, d] = [factors[first], factors[first + 1], factors[first + 2], factors[first + 3]];
      if (a === 0 && b === 0 && c === 0 && d === 0) continue;
      for (let i = indptr[row]; i < end; i++) {
        const value = values[i];
        const place = indices[i] * width + first;
        padded[place] += value * a;
        padded[place + 1] += value * b;
        padded[place + 2] += value * c;
        padded[place + 3] += value * d;
      }
    }
  }
  copyColumns(padded, width, product, outputs);
}

/** Copies the columns that both row-major tables have. */
function copyColumns(source: Float64Array, width: number, target: Float64Array, targetWidth: number): void {
  const shared = Math.min(width, targetWidth);
  const rowCount = source.length / width;
  for (let row = 0; row < rowCount; row++) {
    for (let i = 0; i < shared; i++) target[row * targetWidth + i] = source[row * width + i];
  }
}

/** Mean and variance (divisor n) of every column. */
export function columnMoments({ rowCount, columnCount, indices, values }: SparseRows): {
  means: Float64Array;
  variances: Float64Array;
} {
  const means = new Float64Array(columnCount);
  const stored = new Int32Array(columnCount);
  for (let i = 0; i < indices.length; i++) {
    means[indices[i]] += values[i] / rowCount;
    stored[indices[i]]++;
  }
  // the columns' zeros lie their mean away from it
  const variances = means.map((mean, column) => ((rowCount - stored[column]) * mean * mean) / rowCount);
  for (let i = 0; i < indices.length; i++) {
    variances[indices[i]] += (values[i] - means[indices[i]]) ** 2 / rowCount;
  }
  return { means, variances };
}
