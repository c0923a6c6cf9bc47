/** @file Sums and means over axes, and how many elements they take in. */

import type { Graph, Value } from '../graph.ts';
import type { ReduceKind } from '../operation.ts';
import { axisOf, type Dim } from '../shape.ts';
import { requireDtype } from './check.ts';

function reduce(by: ReduceKind, x: Value, axes: readonly number[], keepDims: boolean): Value {
  requireDtype(by, x, 'float32');
  if (axes.length === 0) return x; // to ONNX no axes are all axes
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

/** The product of sizes as a float32 scalar, known at the latest when the graph runs. */
export function extent(graph: Graph, dims: readonly Dim[]): Value {
  return graph.apply({ kind: 'extent', dims }, [], [{ dtype: 'float32', shape: [] }])[0];
}
