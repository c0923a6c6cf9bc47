/** @file Counts that are known to be above zero. */

/** The mean of a Poisson count with this rate, given that it is not zero: 1 for a rate of 0. */
export function meanGivenNonZero(rate: number): number {
  return rate < 1e-8 ? 1 + rate / 2 : rate / -Math.expm1(-rate);
}
