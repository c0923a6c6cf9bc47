/** @file Labels by the votes of near reference cells, the nearer the heavier. */

import type { Grouping } from '../groups.ts';
import type { Neighbours } from '../neighbours.ts';

/**
 * How a vote's weight falls with distance: `inverse` is 1 / distance; `gaussian` is exp(-d^2 / 2 s^2) with s the mean
 * distance of the cell's neighbours; `uniform` gives every neighbour one vote.
 */
export type VoteKernel = 'inverse' | 'gaussian' | 'uniform';

/** The outcome of the votes. */
export interface WeightedVotes {
  /** Index into the labels' groups; -1 where no neighbour has a label. */
  readonly codes: Int32Array; // [cells]
  /** The winner's share of all weight, 0 .. 1; 0 where there is none. */
  readonly scores: Float32Array; // [cells]
  /** Share of each class. */
  readonly shares: Float32Array; // [cells, classes]
}

/** Below this part of the mean distance of a cell's neighbours a distance weighs no more: equal cells would weigh endlessly. */
const nearestPart = 1e-3;

/**
 * Counts weighted votes. Neighbours without a label have none; of classes of equal weight the first wins.
 *
 * @param labels of the reference's cells
 */
export function weightedVotes(
  { count, k, indices, distances }: Neighbours,
  { codes, groups }: Grouping,
  kernel: VoteKernel,
): WeightedVotes {
  const shares = new Float32Array(count * groups.length);
  const winners = new Int32Array(count).fill(-1);
  const scores = new Float32Array(count);
  const votes = new Float64Array(groups.length);
  for (let cell = 0; cell < count; cell++) {
    const weights = weightsOf(distances.subarray(cell * k, (cell + 1) * k), kernel);
    votes.fill(0);
    let total = 0;
    weights.forEach((weight, i) => {
      const code = codes[indices[cell * k + i]];
      if (code < 0) return;
      votes[code] += weight;
      total += weight;
    });
    if (total === 0) continue;
    let winner = 0;
    for (let code = 0; code < votes.length; code++) {
      shares[cell * groups.length + code] = votes[code] / total;
      if (votes[code] > votes[winner]) winner = code;
    }
    winners[cell] = winner;
    scores[cell] = votes[winner] / total;
  }
  return { codes: winners, scores, shares };
}

function weightsOf(distances: Float64Array, kernel: VoteKernel): Float64Array {
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  if (kernel === 'uniform' || mean === 0) return new Float64Array(distances.length).fill(1);
  return distances.map((distance) =>
    kernel === 'inverse'
      ? 1 / Math.max(distance / mean, nearestPart)
      : Math.exp(-((distance / mean) ** 2) / 2),
  );
}
