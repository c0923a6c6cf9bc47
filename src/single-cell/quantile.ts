/** @file Quantiles by linear interpolation, to numpy's last bit. */

/**
 * The quantile at `level` of the first `length` values of an ascending array.
 *
 * @param level 0 .. 1
 * @param single round the difference of neighbours to float32, as numpy does for float32 values
 */
export function quantile(
  sorted: Float32Array | Float64Array,
  length: number,
  level: number,
  single = false,
): number {
  const last = length - 1;
  const position = last * level;
  const below = Math.floor(position);
  const above = Math.min(below + 1, last);
  const exact = sorted[above] - sorted[below];
  const difference = single ? Math.fround(exact) : exact;
  const t = position - below;
  return t < 0.5 ? sorted[below] + difference * t : sorted[above] - difference * (1 - t);
}

/** The median of values in any order; NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
