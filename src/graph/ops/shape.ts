/** @file Operations that move data without computing: gather rows, reshape, expand, transpose, concatenate, split, slice. */

import type { Value } from '../graph.ts';
import { axisOf, broadcast, type Dim, formatShape, product, type Shape, sum } from '../shape.ts';
import { refuse, requireDtype } from './check.ts';

/** Rows of a table `[rows, ...]` by their indices: `[...indices, ...]`. */
export function gatherRows(table: Value, indices: Value): Value {
  requireDtype('gatherRows', indices, 'int32', 'int64');
  if (table.shape.length === 0) refuse('gatherRows', 'a table of rank 1 or more', table);
  const shape = [...indices.shape, ...table.shape.slice(1)];
  return table.graph.apply({ kind: 'gatherRows' }, [table, indices], [{ dtype: table.dtype, shape }])[0];
}

/**
 * Zeros of `shape` with the rows of `updates` added at `indices`; rows with equal indices add up.
 *
 * @param indices `[...indices]`
 * @param updates `[...indices, ...]`, where the rest is that of `shape`
 */
export function scatterRows(indices: Value, updates: Value, shape: Shape): Value {
  requireDtype('scatterRows', indices, 'int32', 'int64');
  requireDtype('scatterRows', updates, 'float32');
  if (String(updates.shape) !== String([...indices.shape, ...shape.slice(1)])) {
    refuse('scatterRows', `updates ${formatShape([...indices.shape, ...shape.slice(1)])}`, updates);
  }
  return updates.graph.apply(
    { kind: 'scatterRows' },
    [indices, updates],
    [{ dtype: updates.dtype, shape }],
  )[0];
}

/** Repeats `x` along dimensions of size 1, and along new ones in front, until it has `shape`. */
export function expand(x: Value, shape: Shape): Value {
  if (String(x.shape) === String(shape)) return x;
  if (String(broadcast('expand', x.shape, shape)) !== String(shape))
    refuse('expand', `a shape that broadcasts to ${formatShape(shape)}`, x);
  return x.graph.apply({ kind: 'expand' }, [x], [{ dtype: x.dtype, shape }])[0];
}

/** The same elements in row-major order under another shape with the same number of elements. */
export function reshape(x: Value, shape: Shape): Value {
  if (String(x.shape) === String(shape)) return x;
  if (product(x.shape) !== product(shape)) refuse('reshape', `as many elements as [${shape.join(', ')}]`, x);
  return x.graph.apply({ kind: 'reshape' }, [x], [{ dtype: x.dtype, shape }])[0];
}

/** Reorders dimensions: dimension `i` of the result is dimension `permutation[i]` of `x`. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  const isPermutation = [...permutation].sort((a, b) => a - b).every((axis, place) => axis === place);
  if (permutation.length !== x.shape.length || !isPermutation) {
    refuse('transpose', `a permutation of ${x.shape.length} axes, got [${permutation.join(', ')}]`, x);
  }
  const shape = permutation.map((axis) => x.shape[axis]);
  return x.graph.apply({ kind: 'transpose', permutation }, [x], [{ dtype: x.dtype, shape }])[0];
}

/** Joins values along one axis; all other dimensions must agree. */
export function concat(parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  const along = axisOf('concat', axis, first.shape);
  for (const part of parts) {
    const agrees =
      part.dtype === first.dtype &&
      part.shape.length === first.shape.length &&
      part.shape.every((dim, place) => place === along || dim === first.shape[place]);
    if (!agrees) refuse('concat', `parts that differ only along axis ${along}`, first, part);
  }
  const joined = sum(parts.map((part) => part.shape[along]));
  const shape = first.shape.with(along, joined);
  return first.graph.apply({ kind: 'concat', axis: along }, parts, [{ dtype: first.dtype, shape }])[0];
}

/** Cuts a value along one axis into parts of the given sizes, which together are all of it: undoes {@link concat}. */
export function split(x: Value, axis: number, sizes: readonly Dim[]): readonly Value[] {
  const along = axisOf('split', axis, x.shape);
  if (sum(sizes) !== x.shape[along]) refuse('split', `${sum(sizes)} elements along axis ${along}`, x);
  const types = sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.with(along, size) }));
  return x.graph.apply({ kind: 'split', axis: along }, [x], types);
}

/** Zeros that are `size` long along one axis, with `x` in them from `start` on. */
export function place(x: Value, axis: number, start: number, size: Dim): Value {
  const along = axisOf('place', axis, x.shape);
  const shape = x.shape.with(along, size);
  return x.graph.apply({ kind: 'place', axis: along, start }, [x], [{ dtype: x.dtype, shape }])[0];
}

/** Elements `start <= i < end` along one axis; to the end of the axis without `end`. */
export function slice(x: Value, axis: number, start: number, end?: number): Value {
  const along = axisOf('slice', axis, x.shape);
  const size = x.shape[along];
  const stop = end ?? size;
  const ordered = start >= 0 && (typeof stop !== 'number' || start < stop);
  if (!ordered || (typeof stop === 'number' && typeof size === 'number' && stop > size)) {
    refuse('slice', `0 <= start < end <= ${size}, got ${start} and ${stop}`, x);
  }
  const shape = x.shape.with(along, sum([stop, -start]));
  return x.graph.apply({ kind: 'slice', axis: along, start, end }, [x], [{ dtype: x.dtype, shape }])[0];
}
