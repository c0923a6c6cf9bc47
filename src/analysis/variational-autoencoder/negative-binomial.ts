/** @file The negative binomial distribution of counts: what an autoencoder's decoder is trained by. */

import type { Value } from '../../graph/graph.ts';
import { add, exp, log, multiply, subtract } from '../../graph/ops/elementwise.ts';
import { reduceSum } from '../../graph/ops/reduce.ts';
import { logGamma } from './log-gamma.ts';

/**
 * The negative log-likelihood of a cell's counts, summed over genes, without `log(x!)`, which no parameter changes:
 * with mean m and dispersion t, whose variance is `m + m^2 / t`,
 * `lgamma(t) - lgamma(x + t) - t log(t / (t + m)) - x log(m / (t + m))`.
 *
 * @param counts `[..., genes]`
 * @param logMean log(m) `[..., genes]`
 * @param logDispersion log(t) `[genes]`
 * @returns `[...]`
 */
export function negativeBinomialLoss(counts: Value, logMean: Value, logDispersion: Value): Value {
  const dispersion = exp(logDispersion); // [genes]
  const logSum = log(add(exp(logMean), dispersion)); // [..., genes]
  const arrangements = subtract(logGamma(add(counts, dispersion)), logGamma(dispersion));
  const ofDispersion = multiply(dispersion, subtract(logDispersion, logSum));
  const ofCounts = multiply(counts, subtract(logMean, logSum));
  return multiply(reduceSum(add(arrangements, add(ofDispersion, ofCounts)), [-1]), -1);
}
