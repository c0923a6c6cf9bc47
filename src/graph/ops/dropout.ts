/** @file Dropout whose mask follows from keys given at each run, so that it can be computed again wherever it is needed. */

import { GraphError } from '../../support/errors.ts';
import type { Value } from '../graph.ts';
import { broadcast } from '../shape.ts';
import { refuse, requireDtype } from './check.ts';

/** Which elements are dropped: two keys whose product decides. */
export interface DropoutKeys {
  /** Share of the elements that is dropped. */
  readonly rate: number;
  /** Odd int32 numbers drawn anew for each run; with `columns` they broadcast to the elements. */
  readonly rows: Value;
  readonly columns: Value;
}

/**
 * Sets elements to zero with probability `rate` and divides the others by `1 - rate` (Srivastava et al. 2014).
 *
 * An element is dropped where the product of its keys, modulo 2^32, is among the lowest `rate` of int32. The product of
 * an odd key with random odd keys is uniform over the odd numbers, and any two elements of a row or a column are
 * independent (multiply-shift hashing, Dietzfelbinger et al. 1997): a mask of any size costs one multiplication an
 * element, follows from a few random numbers, and need not be kept for the backward pass.
 */
export function dropout(x: Value, { rate, rows, columns }: DropoutKeys): Value {
  checkRate(rate);
  requireDtype('dropout', x, 'float32');
  requireDtype('dropout', rows, 'int32');
  requireDtype('dropout', columns, 'int32');
  const shape = broadcast('dropout', x.shape, broadcast('dropout', rows.shape, columns.shape));
  if (String(shape) !== String(x.shape))
    refuse('dropout', 'keys that broadcast to the elements', x, rows, columns);
  return x.graph.apply({ kind: 'dropout', rate }, [x, rows, columns], [{ dtype: x.dtype, shape }])[0];
}

/** Elements whose key product is at most this int32 are dropped: at rate 0 the lowest, an even number, which no product of odd keys is. */
export function dropoutThreshold(rate: number): number {
  return Math.min(Math.round((rate - 0.5) * 2 ** 32), 2 ** 31 - 1);
}

/** @throws GraphError when a rate is no share below 1 */
export function checkRate(rate: number): void {
  if (rate >= 0 && rate < 1) return;
  throw new GraphError({ what: `dropout: the rate is ${rate}`, expected: '0 <= rate < 1', reason: 'rate' });
}
