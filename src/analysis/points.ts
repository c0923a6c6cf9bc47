/** @file Points in rows: what neighbours, layouts and scores of an embedding are computed from. */

import type { DenseArray } from '../single-cell/anndata.ts';
import { emptyLike } from '../single-cell/matrix.ts';
import { UsageError } from '../support/errors.ts';

/** Points of a space, one a row. */
export interface Points {
  readonly values: Float32Array | Float64Array; // [count, dimensions]
  readonly count: number;
  readonly dimensions: number;
}

/**
 * An entry of obsm as points.
 *
 * @throws UsageError when the array is no table of float32 or float64 numbers
 */
export function pointsOf({ values, shape }: DenseArray): Points {
  if (shape.length !== 2 || !(values instanceof Float32Array || values instanceof Float64Array)) {
    throw new UsageError({
      what: `the embedding has shape [${shape.join(', ')}] and holds ${values.constructor.name}`,
      expected: 'cells in rows, numbers of type float32 or float64',
      reason: 'embedding_shape',
    });
  }
  return { values, count: shape[0], dimensions: shape[1] };
}

/** The rows without NaN or infinite entries, ascending: cells without any known gene have NaN. */
export function finiteRows({ values, count, dimensions }: Points): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < count; row++) {
    let finite = true;
    for (let i = row * dimensions; finite && i < (row + 1) * dimensions; i++)
      finite = Number.isFinite(values[i]);
    if (finite) rows.push(row);
  }
  return Int32Array.from(rows);
}

/** Some of the points, in the order of `rows`. */
export function takeRows(points: Points, rows: ArrayLike<number>): Points {
  const { dimensions } = points;
  const values = emptyLike(points.values, rows.length * dimensions);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * dimensions;
    values.set(points.values.subarray(start, start + dimensions), i * dimensions);
  }
  return { values, count: rows.length, dimensions };
}
