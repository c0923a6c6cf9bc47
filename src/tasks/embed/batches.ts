/** @file Cells in batches of similar length, so that little is computed on padding. */

/** How many cells of a length fit into one batch. */
export type BatchCapacity = (length: number) => number;

/**
 * Groups cells into batches, shortest cells first. Which cells share a batch changes speed and memory only.
 *
 * @param lengths tokens of each cell
 * @param capacity asked with the longest cell of a batch; at least one cell is always taken
 * @returns positions in `lengths`, each exactly once
 */
export function planBatches(lengths: ArrayLike<number>, capacity: BatchCapacity): Int32Array[] {
  const order = Int32Array.from({ length: lengths.length }, (_, cell) => cell);
  order.sort((a, b) => lengths[a] - lengths[b] || a - b);
  const batches: Int32Array[] = [];
  for (let end = order.length; end > 0; ) {
    const longest = lengths[order[end - 1]];
    const start = Math.max(0, end - Math.max(1, Math.floor(capacity(longest))));
    batches.push(order.subarray(start, end));
    end = start;
  }
  return batches.reverse();
}
