/** @file The median of numbers. */

/** The middle value, the mean of both for an even number of them; NaN for none. */
export function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
