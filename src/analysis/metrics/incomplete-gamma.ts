/** @file The incomplete gamma function, and with it the tail of the chi-square distribution. */

import { logGamma } from '../log-gamma.ts';

/** Sums and fractions end when a term changes them by less than this share. */
const precision = 1e-16;
const mostTerms = 10_000;

/**
 * The probability that a chi-square variable exceeds a value.
 *
 * @param freedom degrees of freedom, above 0
 * @returns 0 .. 1; NaN without a degree of freedom
 */
export function chiSquareTail(value: number, freedom: number): number {
  return freedom > 0 ? upperGamma(freedom / 2, value / 2) : Number.NaN;
}

/**
 * The regularised upper incomplete gamma function Q(a, x): by its power series below the bulk of the distribution, by
 * Legendre's continued fraction above (Abramowitz & Stegun 6.5.29 and 6.5.31).
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < mostTerms && term > precision * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** By Lentz's method. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.POSITIVE_INFINITY;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < mostTerms; n++) {
    const numerator = n * (a - n);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < precision) break;
  }
  return fraction;
}
