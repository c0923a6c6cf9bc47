/** @file Cells as ranks of their genes: products of two are Spearman correlations. */

/**
 * Writes ranks, equal values sharing their mean rank, less their mean and scaled to unit length; zeros where all values
 * are equal.
 */
export function rankVector(values: ArrayLike<number>, out: Float32Array): void {
  const count = values.length;
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const middle = (count - 1) / 2;
  let square = 0;
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && values[order[end]] === values[order[start]]) end++;
    const rank = (start + end - 1) / 2 - middle;
    for (let i = start; i < end; i++) out[order[i]] = rank;
    square += (end - start) * rank * rank;
    start = end;
  }
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < count; i++) out[i] *= scale;
}
