/** @file Labels by the votes of near reference cells, the nearer the heavier. */

import type { Grouping } from '../groups.ts';
import type { Neighbours } from '../neighbours.ts';

/** The outcome of the votes. */
export interface WeightedVotes {
  /** Index into the labels' groups; -1 where no neighbour has a label. */
  readonly codes: Int32Array; // [cells]
  /** The winner's share of all weight, 0 .. 1; 0 where there is none. */
  readonly scores: Float32Array; // [cells]
}

/** Parts of the mean distance below which nearer weighs no more: a cell equal to the query would outvote all others. */
const nearest = 1e-3;

/**
 * Counts votes that weigh 1 / distance, as in scikit-learn's `KNeighborsClassifier(weights='distance')`; a Gaussian
 * of the distance decides hardly otherwise. Neighbours without a label have no vote; of classes of equal weight the
 * first wins.
 *
 * @param labels of the reference's cells
 */
export function weightedVotes(
  { count, k, indices, distances }: Neighbours,
  { codes, groups }: Grouping,
): WeightedVotes {
  const winners = new Int32Array(count).fill(-1);
  const scores = new Float32Array(count);
  const votes = new Float64Array(groups.length);
  for (let cell = 0; cell < count; cell++) {
    const weights = weightsOf(distances.subarray(cell * k, (cell + 1) * k));
    votes.fill(0);
    let total = 0;
    for (let i = 0; i < k; i++) {
      const code = codes[indices[cell * k + i]];
      if (code < 0) continue;
      votes[code] += weights[i];
      total += weights[i];
    }
    if (total === 0) continue;
    winners[cell] = votes.indexOf(Math.max(...votes));
    scores[cell] = votes[winners[cell]] / total;
  }
  return { codes: winners, scores };
}

function weightsOf(distances: Float64Array): Float64Array {
  const least = nearest * meanOf(distances);
  return least === 0 ? distances.map(() => 1) : distances.map((distance) => 1 / Math.max(distance, least));
}

/** How far each cell is from the reference: the mean distance of its neighbours. */
export function meanDistances({ count, k, distances }: Neighbours): Float64Array {
  return Float64Array.from({ length: count }, (_, cell) =>
    meanOf(distances.subarray(cell * k, (cell + 1) * k)),
  );
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
