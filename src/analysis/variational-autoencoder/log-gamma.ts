/** @file The logarithm of the gamma function as graph, composed of operations that have gradients. */

import type { Value } from '../../graph/graph.ts';
import { add, divide, log, multiply, subtract } from '../../graph/ops/elementwise.ts';

/** Stirling's series is taken this far above its argument, where three terms of it are exact to 4e-8. */
const shift = 4;

/**
 * `log(gamma(z))` for `0 < z < 1e9`, to the precision of float32: Stirling's series at `z + 4`, less the logarithm of
 * `z (z + 1) (z + 2) (z + 3)`, by which the two gammas differ. Its gradient, the digamma function, follows.
 */
export function logGamma(z: Value): Value {
  const s = add(z, shift);
  const inverse = divide(1, s);
  const square = multiply(inverse, inverse);
  const tail = subtract(1 / 12, multiply(square, subtract(1 / 360, multiply(square, 1 / 1260))));
  const series = add(multiply(inverse, tail), Math.log(2 * Math.PI) / 2);
  const stirling = add(subtract(multiply(subtract(s, 0.5), log(s)), s), series);
  const outer = multiply(z, add(z, 3)); // (z + 1) (z + 2) is this and 2
  return subtract(stirling, log(multiply(outer, add(outer, 2))));
}
