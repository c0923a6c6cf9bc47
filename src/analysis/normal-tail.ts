/** @file The upper tail of the normal distribution. */

/**
 * The chance that a standard normal number is `z` or more, to about 14 digits also far out, down to the smallest double.
 *
 * Near the middle by the series of the density's integral, beyond by Laplace's continued fraction
 * (Abramowitz & Stegun 1964, 26.2.11 and 26.2.14).
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < middle) {
    let term = z;
    let sum = z;
    for (let n = 1; term > sum * Number.EPSILON; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let n = terms; n > 0; n--) fraction = z + n / fraction;
  return density / fraction;
}

/** Where the series begins to lose digits and the fraction has converged. */
const middle = 2;
const terms = 200;
