/** @file The expression profile of each class: every gene's mean share in the expression of its cells. */

import type { SparseRows } from '../../single-cell/matrix.ts';

/** The mean of all cells counts as so many cells of each class: no gene of other classes is impossible in one. */
const background = 0.3;
/** A gene that no cell has is not impossible either. */
const floor = 1e-7;

/**
 * Logarithms of the shares; each class's shares sum to 1.
 *
 * @param entries ln(1 + normalised value)
 * @param labels of the cells; a class without cells has the mean of all
 */
export function logProfiles(
  { rowCount, columnCount, indptr, indices, values }: SparseRows,
  labels: Int32Array,
  classCount: number,
): Float64Array {
  const sums = new Float64Array(classCount * columnCount);
  const overall = new Float64Array(columnCount);
  const sizes = new Int32Array(classCount);
  for (let cell = 0; cell < rowCount; cell++) {
    const [from, to] = [indptr[cell], indptr[cell + 1]];
    let total = 0;
    for (let i = from; i < to; i++) total += Math.expm1(values[i]);
    if (total === 0) continue;
    sizes[labels[cell]]++;
    const first = labels[cell] * columnCount;
    for (let i = from; i < to; i++) {
      const share = Math.expm1(values[i]) / total;
      sums[first + indices[i]] += share;
      overall[indices[i]] += share / rowCount;
    }
  }
  return sums.map((sum, i) => {
    const size = sizes[Math.floor(i / columnCount)];
    const share = (sum + background * overall[i % columnCount]) / (size + background);
    return Math.log((share + floor) / (1 + columnCount * floor));
  }); // [classes, genes]
}
