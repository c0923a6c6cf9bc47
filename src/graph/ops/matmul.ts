/** @file Matrix products, in float32 and with 8-bit operands. */

import type { Value } from '../graph.ts';
import { broadcast, type Shape } from '../shape.ts';
import { refuse, requireDtype } from './check.ts';

/** Rows and columns of the last two dimensions, after an optional transposition. */
function matrix(shape: Shape, transposed: boolean): readonly [Shape[number], Shape[number]] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/**
 * `scale * left . right` over the last two dimensions; leading dimensions broadcast.
 *
 * A right operand in torch's weight layout `[out, in]` is used with `transposeRight`.
 */
export function matmul(
  left: Value,
  right: Value,
  { transposeLeft = false, transposeRight = false, scale = 1 } = {},
): Value {
  requireDtype('matmul', left, 'float32');
  requireDtype('matmul', right, 'float32');
  if (left.shape.length < 2 || right.shape.length < 2)
    refuse('matmul', 'operands of rank 2 or more', left, right);
  const [rows, inner] = matrix(left.shape, transposeLeft);
  const [innerRight, columns] = matrix(right.shape, transposeRight);
  if (inner !== innerRight)
    refuse('matmul', `equal inner sizes, got ${inner} and ${innerRight}`, left, right);
  const batch = broadcast('matmul', left.shape.slice(0, -2), right.shape.slice(0, -2));
  const operation = { kind: 'matmul', transposeLeft, transposeRight, scale } as const;
  return left.graph.apply(
    operation,
    [left, right],
    [{ dtype: 'float32', shape: [...batch, rows, columns] }],
  )[0];
}

/**
 * `left . (right * scales)` in 8 bits: `left` is quantised as it comes, over the whole tensor;
 * `right` `[in, out]` is int8 with one float32 scale per column. For inference: it has no gradient.
 */
export function quantisedMatmul(left: Value, right: Value, scales: Value): Value {
  requireDtype('quantisedMatmul', left, 'float32');
  requireDtype('quantisedMatmul', right, 'int8');
  requireDtype('quantisedMatmul', scales, 'float32');
  const [inner, columns] = right.shape;
  if (right.shape.length !== 2 || left.shape.at(-1) !== inner) {
    refuse(
      'quantisedMatmul',
      "a right operand [in, out] with the size of the left operand's last dimension",
      left,
      right,
    );
  }
  if (scales.shape.length !== 1 || scales.shape[0] !== columns) {
    refuse('quantisedMatmul', `one scale for each of ${columns} columns`, scales);
  }
  const shape = [...left.shape.slice(0, -1), columns];
  return left.graph.apply(
    { kind: 'quantisedMatmul' },
    [left, right, scales],
    [{ dtype: 'float32', shape }],
  )[0];
}
