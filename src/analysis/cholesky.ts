/** @file Solves symmetric positive definite systems of equations. */

import { UsageError } from '../support/errors.ts';

/** The lower triangle L of a matrix that is L times its transpose. */
export interface Cholesky {
  readonly size: number;
  readonly lower: Float64Array; // [size, size]
}

/**
 * Splits a matrix into a triangle and its transpose.
 *
 * @throws UsageError when the matrix is not positive definite
 */
export function cholesky(matrix: Float64Array, size: number): Cholesky {
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column];
      for (let k = 0; k < column; k++) sum -= lower[row * size + k] * lower[column * size + k];
      if (row !== column) lower[row * size + column] = sum / lower[column * size + column];
      else if (sum > 0) lower[row * size + row] = Math.sqrt(sum);
      else throw notPositive(row);
    }
  }
  return { size, lower };
}

/** Solves for several right sides, in place. */
export function solveInPlace({ size, lower }: Cholesky, sides: readonly Float64Array[]): void {
  const width = sides[0]?.length ?? 0;
  const subtract = (from: number, row: number, factor: number): void => {
    if (factor === 0) return;
    for (let i = 0; i < width; i++) sides[from][i] -= factor * sides[row][i];
  };
  const divide = (row: number): void => {
    for (let i = 0; i < width; i++) sides[row][i] /= lower[row * size + row];
  };
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) subtract(row, k, lower[row * size + k]);
    divide(row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) subtract(row, k, lower[k * size + row]);
    divide(row);
  }
}

/** The inverse's diagonal. */
export function inverseDiagonal(factor: Cholesky): Float64Array {
  const { size } = factor;
  const sides = Array.from({ length: size }, (_, row) => {
    const unit = new Float64Array(size);
    unit[row] = 1;
    return unit;
  });
  solveInPlace(factor, sides);
  return Float64Array.from(sides, (side, row) => side[row]);
}

function notPositive(row: number): UsageError {
  return new UsageError({
    what: 'the matrix is not positive definite',
    where: `row ${row} (counted from 0)`,
    expected: 'a symmetric matrix with positive eigenvalues',
    reason: 'not_positive_definite',
  });
}
