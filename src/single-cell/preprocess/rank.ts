/** @file Choosing the best of many genes by scores. */

import { UsageError } from '../../support/errors.ts';

/** Indices by falling score, NaN last; equal scores keep their order. */
export function byFallingScore(scores: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i);
  return order.sort((a, b) => compareFalling(scores[a], scores[b]) || a - b);
}

/** Compares for a sort by falling score, NaN last. */
export function compareFalling(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a > b ? -1 : a < b ? 1 : 0;
}

/** A mask of `length` with 1 where an index is listed. */
export function maskOf(indices: Int32Array, length: number): Uint8Array {
  const mask = new Uint8Array(length);
  for (const i of indices) mask[i] = 1;
  return mask;
}

/** @throws UsageError when `count` is no whole number from 1 to the number of genes */
export function checkGeneCount(count: number, geneCount: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= geneCount) return;
  throw new UsageError({
    what: `${count} highly variable genes are asked for`,
    expected: `a whole number from 1 to the ${geneCount} genes there are`,
    reason: 'gene_count',
  });
}
