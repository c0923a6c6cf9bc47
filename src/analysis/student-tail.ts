/** @file The upper tail of Student's t distribution. */

import { logGamma } from './log-gamma.ts';

/**
 * The chance that Student's t with so many degrees of freedom is `t` or more: half the regularised incomplete beta
 * function, by its continued fraction (Abramowitz & Stegun 1964, 26.5.8, evaluated by Lentz's method).
 *
 * @param freedom above 0, need not be whole
 */
export function studentTail(t: number, freedom: number): number {
  if (t < 0) return 1 - studentTail(-t, freedom);
  if (!Number.isFinite(freedom)) return Number.NaN;
  const x = freedom / (freedom + t * t);
  return 0.5 * incompleteBeta(x, freedom / 2, 0.5);
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return (front * betaFraction(x, a, b)) / a;
}

const tiny = 1e-300;

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
