/** @file A contiguous part of the cells, for job arrays. */

import { UsageError } from '../../support/errors.ts';

/** Part `index` of `count`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Reads `2/8`.
 *
 * @throws UsageError when it is no part of a whole
 */
export function parseShard(text: string): Shard {
  const [index, count] = text.split('/').map(Number);
  if (Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count)
    return { index, count };
  throw new UsageError({
    what: `'${text}' is no shard`,
    expected: 'i/n with 1 <= i <= n, such as 2/8',
    reason: 'shard',
  });
}

/**
 * The rows of a shard; together the shards have every row once, sizes differ by one at most.
 *
 * @throws UsageError when some shard would be empty
 */
export function shardRows({ index, count }: Shard, rows: number): Int32Array {
  if (count > rows) {
    throw new UsageError({
      what: `${count} shards are more than the ${rows} cells`,
      expected: `--shard i/n with n of at most ${rows}`,
      reason: 'shard',
    });
  }
  const start = Math.floor(((index - 1) * rows) / count);
  const end = Math.floor((index * rows) / count);
  return Int32Array.from({ length: end - start }, (_, i) => start + i);
}
