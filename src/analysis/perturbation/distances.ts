/** @file How far two groups of cells lie apart as distributions, not only by their means. */

import type { SparseRows } from '../../single-cell/matrix.ts';

/**
 * Energy distance of two groups of cells (Székely & Rizzo 2013) in gene space, of Euclidean distances: twice the mean
 * distance between groups less the mean distances within each. 0 for equal distributions; with distinct pairs within
 * groups it is unbiased and may fall a little below 0.
 *
 * @param expression log-normalised values; cells of both groups
 * @param first rows of at least two cells
 * @param second the same
 */
export function energyDistance(expression: SparseRows, first: Int32Array, second: Int32Array): number {
  const lengths = new Map<number, number>();
  const squared = (row: number): number => {
    const known = lengths.get(row);
    if (known !== undefined) return known;
    let sum = 0;
    for (let i = expression.indptr[row]; i < expression.indptr[row + 1]; i++)
      sum += expression.values[i] ** 2;
    lengths.set(row, sum);
    return sum;
  };
  const dense = new Float64Array(expression.columnCount);
  const meanDistance = (from: Int32Array, to: Int32Array, same: boolean): number => {
    let total = 0;
    for (const row of from) {
      for (let i = expression.indptr[row]; i < expression.indptr[row + 1]; i++)
        dense[expression.indices[i]] = expression.values[i];
      for (const other of to) {
        if (same && other === row) continue;
        let product = 0;
        for (let i = expression.indptr[other]; i < expression.indptr[other + 1]; i++)
          product += dense[expression.indices[i]] * expression.values[i];
        total += Math.sqrt(Math.max(0, squared(row) + squared(other) - 2 * product));
      }
      for (let i = expression.indptr[row]; i < expression.indptr[row + 1]; i++)
        dense[expression.indices[i]] = 0;
    }
    return total / (from.length * (same ? to.length - 1 : to.length));
  };
  return (
    2 * meanDistance(first, second, false) -
    meanDistance(first, first, true) -
    meanDistance(second, second, true)
  );
}
