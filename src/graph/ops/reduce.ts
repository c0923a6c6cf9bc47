/** @file Sums and means over axes. */

import type { Value } from '../graph.ts';
import type { ReduceKind } from '../operation.ts';
import { axisOf } from '../shape.ts';
import { requireDtype } from './check.ts';

function reduce(by: ReduceKind, x: Value, axes: readonly number[], keepDims: boolean): Value {
  requireDtype(by, x, 'float32');
  const resolved = axes.map((axis) => axisOf(by, axis, x.shape)).sort((a, b) => a - b);
  const shape = keepDims
    ? x.shape.map((dim, axis) => (resolved.includes(axis) ? 1 : dim))
    : x.shape.filter((_, axis) => !resolved.includes(axis));
  return x.graph.apply({ kind: 'reduce', by, axes: resolved, keepDims }, [x], [{ dtype: x.dtype, shape }])[0];
}

/** The sum over `axes`; with `keepDims` they stay as size 1. */
export const reduceSum = (x: Value, axes: readonly number[], keepDims = false): Value =>
  reduce('sum', x, axes, keepDims);

/** The mean over `axes`; with `keepDims` they stay as size 1. */
export const reduceMean = (x: Value, axes: readonly number[], keepDims = false): Value =>
  reduce('mean', x, axes, keepDims);
