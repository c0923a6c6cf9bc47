/** @file Gradients of matrix products. */

import type { Value } from '../graph.ts';
import type { Operation } from '../operation.ts';
import { matmul } from '../ops/matmul.ts';
import { reshape } from '../ops/shape.ts';
import { product } from '../shape.ts';
import { type GradientRules, summedTo } from './rule.ts';

type Matmul = Extract<Operation, { kind: 'matmul' }>;

/** `[..., rows, columns]` as one matrix. */
function rowsTogether(x: Value): Value {
  return reshape(x, [product(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]]);
}

/** `d (A B) = G B^T` for A, transposed where A was. */
function ofLeft(
  { transposeLeft, transposeRight, scale }: Matmul,
  left: Value,
  right: Value,
  gradient: Value,
): Value {
  return summedTo(
    left,
    transposeLeft
      ? matmul(right, gradient, { transposeLeft: transposeRight, transposeRight: true, scale })
      : matmul(gradient, right, { transposeRight: !transposeRight, scale }),
  );
}

/**
 * `d (A B) = A^T G` for B, transposed where B was. A weight that multiplies the rows of many matrices takes them as
 * one tall matrix: one product instead of a product for each and a sum.
 */
function ofRight(
  { transposeLeft, transposeRight, scale }: Matmul,
  left: Value,
  right: Value,
  gradient: Value,
): Value {
  const shared = right.shape.length === 2 && left.shape.length > 2 && !transposeLeft;
  const [a, g] = shared ? [rowsTogether(left), rowsTogether(gradient)] : [left, gradient];
  return summedTo(
    right,
    transposeRight
      ? matmul(g, a, { transposeLeft: true, transposeRight: transposeLeft, scale })
      : matmul(a, g, { transposeLeft: !transposeLeft, scale }),
  );
}

/** Rules by operation. 8-bit products are for inference. */
export const matmuls: GradientRules<'matmul' | 'quantisedMatmul'> = {
  matmul: (operation, { inputs: [left, right] }, [gradient]) =>
    gradient === undefined
      ? []
      : [ofLeft(operation, left, right, gradient), ofRight(operation, left, right, gradient)],
  quantisedMatmul: () => [],
};
