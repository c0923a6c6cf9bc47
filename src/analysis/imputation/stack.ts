/** @file Several answers made one: a weighted sum, its weights chosen where the truth is known. */

import { cholesky, solveInPlace } from '../cholesky.ts';

/** What each part counts for. */
export interface StackWeights {
  readonly weights: Float64Array; // [parts]
  readonly intercept: number;
}

/** A penalty that decides between parts that say the same, a share of each part's own variance. */
const penalty = 1e-3;

/**
 * Weights of least squares, none below zero: parts that would count negatively are left out, the worst first, until none
 * does.
 *
 * @param parts what each part says of the same entries
 * @param free parts, by their place, whose weight may be negative: what is known of a cell beforehand, no answers
 */
export function stackWeights(
  parts: readonly Float64Array[], // [parts][entries]
  truth: Float64Array, // [entries]
  free: readonly number[] = [],
): StackWeights {
  const means = parts.map(meanOf);
  const target = meanOf(truth);
  const gram = parts.map((a, i) =>
    parts.map((b, j) => {
      let sum = 0;
      for (let entry = 0; entry < truth.length; entry++) sum += (a[entry] - means[i]) * (b[entry] - means[j]);
      return sum;
    }),
  );
  const side = parts.map((a, i) => {
    let sum = 0;
    for (let entry = 0; entry < truth.length; entry++) sum += (a[entry] - means[i]) * (truth[entry] - target);
    return sum;
  });
  let kept = parts.map((_, i) => i).filter((i) => gram[i][i] > 0);
  const weights = new Float64Array(parts.length);
  while (kept.length > 0) {
    const size = kept.length;
    const matrix = new Float64Array(size * size);
    kept.forEach((i, row) => {
      kept.forEach((j, column) => {
        matrix[row * size + column] = gram[i][j] * (i === j ? 1 + penalty : 1);
      });
    });
    const solved = kept.map((i) => Float64Array.of(side[i]));
    solveInPlace(cholesky(matrix, size), solved);
    weights.fill(0);
    kept.forEach((i, row) => {
      weights[i] = solved[row][0];
    });
    const negative = kept.filter((i) => weights[i] < 0 && !free.includes(i));
    if (negative.length === 0) break;
    const worst = negative.reduce((a, b) => (weights[b] < weights[a] ? b : a));
    weights[worst] = 0;
    kept = kept.filter((i) => i !== worst);
  }
  const intercept = weights.reduce((sum, weight, i) => sum - weight * means[i], target);
  return { weights, intercept };
}

/** The weighted sum of what the parts say. */
export function stacked({ weights, intercept }: StackWeights, parts: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(parts[0].length).fill(intercept);
  parts.forEach((part, i) => {
    if (weights[i] === 0) return;
    for (let entry = 0; entry < sum.length; entry++) sum[entry] += weights[i] * part[entry];
  });
  return sum;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
