/** @file How far two partitions of the same cells agree: normalised mutual information and adjusted Rand index. */

import { UsageError } from '../../support/errors.ts';

/** Cells of each pair of groups, and of each group. */
interface Contingency {
  readonly cells: number;
  readonly pairs: Float64Array; // [first groups, second groups]
  readonly first: Float64Array; // [first groups]
  readonly second: Float64Array; // [second groups]
}

/**
 * Mutual information over the arithmetic mean of both entropies, 0 .. 1 (scikit-learn's
 * `normalized_mutual_info_score`). 1 for partitions into one group each, 0 when only one of them has one group.
 *
 * @param first group of each cell, from 0
 * @param second the same of the other partition; neither changes by renaming groups
 */
export function nmi(first: Int32Array, second: Int32Array): number {
  const table = contingency(first, second);
  const entropies = entropy(table.first) + entropy(table.second);
  if (entropies === 0) return 1;
  const shared = entropies - entropy(table.pairs);
  return Math.min(1, Math.max(0, (2 * shared) / entropies)); // rounding may pass the limits
}

/**
 * Pairs of cells on which the partitions agree, less what chance gives, 1 for equal ones and 0 for chance
 * (Hubert & Arabie 1985; scikit-learn's `adjusted_rand_score`).
 *
 * @param first group of each cell, from 0
 * @param second the same of the other partition; neither changes by renaming groups
 */
export function ari(first: Int32Array, second: Int32Array): number {
  const table = contingency(first, second);
  const together = sumOfSquares(table.pairs) - table.cells; // ordered pairs that both put together
  const firstOnly = sumOfSquares(table.first) - table.cells - together;
  const secondOnly = sumOfSquares(table.second) - table.cells - together;
  if (firstOnly === 0 && secondOnly === 0) return 1;
  const apart = table.cells * (table.cells - 1) - together - firstOnly - secondOnly;
  return (
    (2 * (together * apart - firstOnly * secondOnly)) /
    ((together + firstOnly) * (firstOnly + apart) + (together + secondOnly) * (secondOnly + apart))
  );
}

function contingency(first: Int32Array, second: Int32Array): Contingency {
  if (
    first.length !== second.length ||
    first.length === 0 ||
    first.some((code) => code < 0) ||
    second.some((code) => code < 0)
  ) {
    throw new UsageError({
      what: `the partitions have ${first.length} and ${second.length} cells`,
      expected: 'the same cells in both, at least one, each in a group',
      reason: 'partitions',
    });
  }
  const groups = (codes: Int32Array) => codes.reduce((most, code) => Math.max(most, code + 1), 0);
  const columns = groups(second);
  const table = {
    cells: first.length,
    pairs: new Float64Array(groups(first) * columns),
    first: new Float64Array(groups(first)),
    second: new Float64Array(columns),
  };
  first.forEach((code, cell) => {
    table.first[code]++;
    table.second[second[cell]]++;
    table.pairs[code * columns + second[cell]]++;
  });
  return table;
}

/** Entropy in nats of the shares that counts have. */
function entropy(counts: Float64Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log(count / total)),
    0,
  );
}

function sumOfSquares(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count * count, 0);
}
