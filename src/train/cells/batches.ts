/** @file Which cells of a window share a training step. */

import { UsageError } from '../../support/errors.ts';
import type { Random } from '../../support/random.ts';

/** How large a batch may be. */
export interface BatchLimits {
  /** Most cells. */
  readonly cells: number;
  /** Most tokens, padding included: cells times the longest. A cell that is longer by itself is taken alone. */
  readonly tokens?: number | undefined;
  /** Puts cells of similar length together, so that little is padding; else cells that follow one another. */
  readonly sortByLength: boolean;
}

/**
 * Cuts cells into batches: with as few batches of a single cell as possible (contrastive objectives need two), then
 * as few batches as possible, then as even as possible. A remainder is thus never left over as a small last batch:
 * 65 cells at 64 a batch become 33 and 32. Sorted batches come in random order, so that training does not go from
 * short cells to long ones; others keep the order of the cells.
 *
 * @param lengths tokens of each cell
 * @returns positions in `lengths`, each exactly once
 * @throws UsageError when a limit is not a whole number above 0
 */
export function planTrainingBatches(
  lengths: ArrayLike<number>,
  limits: BatchLimits,
  random: Random,
): Int32Array[] {
  checkLimit('cells of a batch', limits.cells);
  if (limits.tokens !== undefined) checkLimit('tokens of a batch', limits.tokens);
  const order = Int32Array.from({ length: lengths.length }, (_, place) => place);
  if (limits.sortByLength) order.sort((a, b) => lengths[a] - lengths[b] || a - b);
  const batches = cut(order, lengths, limits);
  return limits.sortByLength ? random.shuffle(batches) : batches;
}

/**
 * The best cut by dynamic programming over the end of the last batch: `cost` counts single cells first and batches
 * second, `spread` is the sum of squared sizes, smallest when they are even.
 */
function cut(order: Int32Array, lengths: ArrayLike<number>, { cells, tokens }: BatchLimits): Int32Array[] {
  const total = order.length;
  const cost = new Float64Array(total + 1);
  const spread = new Float64Array(total + 1);
  const begins = new Int32Array(total + 1); // where the batch that ends here begins
  for (let end = 1; end <= total; end++) {
    cost[end] = Number.POSITIVE_INFINITY;
    let longest = 0;
    for (let start = end - 1; start >= 0 && end - start <= cells; start--) {
      const size = end - start;
      longest = Math.max(longest, lengths[order[start]]);
      if (size > 1 && tokens !== undefined && size * longest > tokens) break;
      const newCost = cost[start] + 1 + (size === 1 ? total : 0);
      const newSpread = spread[start] + size * size;
      if (newCost > cost[end] || (newCost === cost[end] && newSpread >= spread[end])) continue;
      cost[end] = newCost;
      spread[end] = newSpread;
      begins[end] = start;
    }
  }
  const batches: Int32Array[] = [];
  for (let end = total; end > 0; end = begins[end]) batches.push(order.subarray(begins[end], end));
  return batches.reverse();
}

function checkLimit(where: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new UsageError({
    what: `the most ${where} is ${value}`,
    where: 'batch',
    expected: 'a whole number above 0',
    reason: 'batch_limit',
  });
}
