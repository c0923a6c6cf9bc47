/** @file One vector per cell out of its token rows. */

import type { Value } from '../graph/graph.ts';
import { cast, divide, maximum, multiply, sqrt } from '../graph/ops/elementwise.ts';
import { reduceMean, reduceSum } from '../graph/ops/reduce.ts';
import { concat, reshape, slice } from '../graph/ops/shape.ts';
import { zeroWhereDropped } from './encoder.ts';

/** Row 0, where `<cls>` stands: `[cells, tokens, d]` to `[cells, d]`. */
export function firstRow(x: Value): Value {
  return reshape(slice(x, 1, 0, 1), [x.shape[0], x.shape[2]]);
}

/** Puts a cell embedding `[cells, d]` into the place of row 0 of `x` `[cells, tokens, d]`. */
export function withFirstRow(cell: Value, x: Value): Value {
  const [cells, tokens, width] = x.shape;
  const row = reshape(cell, [cells, 1, width]);
  return tokens === 1 ? row : concat([row, slice(x, 1, 1)], 1); // [cells, tokens, d]
}

/** The mean of the kept rows, of all without `keep` (bool `[cells, tokens]`): `[cells, d]`. */
export function averagePool(x: Value, keep: Value | undefined): Value {
  if (keep === undefined) return reduceMean(x, [1]);
  const count = reduceSum(cast(keep, 'float32'), [1], true); // [cells, 1]
  return divide(reduceSum(zeroWhereDropped(x, keep), [1]), count);
}

/** The kept rows weighted by their input values and summed, scaled to length 1 (0 stays 0): `[cells, d]`. */
export function weightedPool(x: Value, values: Value, keep: Value | undefined): Value {
  const counted = keep === undefined ? x : zeroWhereDropped(x, keep);
  return unitLength(reduceSum(multiply(counted, reshape(values, [...values.shape, 1])), [1]));
}

/** Divides each row by its Euclidean length, at least 1e-12 (torch's `normalize`): `[cells, d]`. */
export function unitLength(x: Value): Value {
  return divide(x, maximum(sqrt(reduceSum(multiply(x, x), [1], true)), 1e-12));
}
