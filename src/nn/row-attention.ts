/**
 * @file Attention of one row per cell, without projecting every row to keys and values.
 *
 * With a single query `q` per head, `q . (W_k x_t + b_k) = (W_k^T q) . x_t + const`, and the constant leaves the softmax
 * as it is; and `sum_t p_t (W_v x_t + b_v) = W_v (sum_t p_t x_t) + b_v`. So the query is carried to the rows instead of
 * the rows to the query: equal to {@link selfAttention} up to rounding, for a fraction of its work.
 */

import type { Value } from '../graph/graph.ts';
import { add, where } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { softmax } from '../graph/ops/normalise.ts';
import { reshape, slice, transpose } from '../graph/ops/shape.ts';
import { type AttentionOptions, projectThird, qkvNames } from './attention.ts';
import type { Scope } from './scope.ts';

/**
 * @param row the row that asks, `[cells, 1, d]`
 * @param rows the rows it attends to, `[cells, tokens, d]`
 * @returns its context before the output projection, `[cells, 1, d]`
 */
export function rowAttention(scope: Scope, row: Value, rows: Value, options: AttentionOptions): Value {
  const { width, heads, keep } = options;
  const [cells, tokens] = rows.shape;
  const size = width / heads;
  const weight = scope.parameter(qkvNames.weight, [3 * width, width]);
  const headsOf = (third: number): Value =>
    reshape(slice(weight, 0, third * width, (third + 1) * width), [heads, size, width]); // [heads, d / heads, d]

  const query = reshape(projectThird(scope, row, 0, width), [cells, heads, 1, size]);
  const carried = reshape(matmul(query, headsOf(1)), [cells, heads, width]);
  // Rows stand on the left of both products, so that executors share them among threads by rows of the result:
  // sharing by columns would let the number of threads decide how sums are grouped.
  const scores = matmul(rows, carried, { transposeRight: true, scale: size ** -0.5 }); // [cells, tokens, heads]
  const kept = keep === undefined ? scores : where(reshape(keep, [cells, tokens, 1]), scores, -Infinity);
  const mixtures = matmul(rows, softmax(kept, 1), { transposeLeft: true }); // [cells, d, heads]
  const mixed = reshape(transpose(mixtures, [0, 2, 1]), [cells, heads, 1, width]);
  const context = matmul(mixed, headsOf(2), { transposeRight: true }); // [cells, heads, 1, d / heads]
  const bias = slice(scope.parameter(qkvNames.bias, [3 * width]), 0, 2 * width, 3 * width);
  return add(reshape(context, [cells, 1, width]), bias);
}
