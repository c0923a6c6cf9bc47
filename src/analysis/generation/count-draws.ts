/** @file Random counts around what is expected of them. */

import type { Random } from '../../support/random.ts';
import { logGamma } from '../log-gamma.ts';

/** Below it counts are drawn by multiplying uniform numbers, above by rejection. */
const manyCounts = 12;

/** A Poisson count (Knuth; Hörmann 1993, "PTRS", for large means). */
export function poisson(random: Random, mean: number): number {
  if (!(mean > 0)) return 0;
  if (mean > manyCounts) return transformedRejection(random, mean);
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  return count;
}

function transformedRejection(random: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverse = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.uniform();
    const distance = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / distance + b) * u + mean + 0.43);
    if (distance >= 0.07 && v <= accepted) return count;
    if (count < 0 || (distance < 0.013 && v > distance)) continue;
    const bound = count * Math.log(mean) - mean - logGamma(count + 1);
    if (Math.log((v * inverse) / (a / distance ** 2 + b)) <= bound) return count;
  }
}

/** A gamma number with scale 1 (Marsaglia & Tsang 2000). */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/**
 * A negative binomial count: variance mean + dispersion mean².
 *
 * @param dispersion 0 for a Poisson count
 */
export function dispersedCount(random: Random, mean: number, dispersion: number): number {
  if (dispersion <= 0) return poisson(random, mean);
  return poisson(random, gamma(random, 1 / dispersion) * mean * dispersion);
}
