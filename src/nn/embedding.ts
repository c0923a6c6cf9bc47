/** @file Embeddings of categories (genes, batches, bins) and of continuous expression values. */

import type { Value } from '../graph/graph.ts';
import { minimum, relu, stopGradient, where } from '../graph/ops/elementwise.ts';
import { gatherRows, reshape } from '../graph/ops/shape.ts';
import { linear } from './linear.ts';
import { layerNorm } from './norms.ts';
import type { Scope } from './scope.ts';

/**
 * Rows of a table, layer-normalised: `[...indices]` to `[...indices, d]`.
 *
 * @param trainable bool `[...indices]`: where it is false, the table gets no gradient, as padding in the reference;
 *   needed only where padding matters to a loss at all, which is in batch statistics
 */
export function normedEmbedding(
  scope: Scope,
  indices: Value,
  rows: number,
  width: number,
  trainable?: Value,
): Value {
  const table = scope.parameter('embedding.weight', [rows, width]);
  const gathered = gatherRows(table, indices);
  const learnt =
    trainable === undefined
      ? gathered
      : where(reshape(trainable, [...trainable.shape, 1]), gathered, stopGradient(gathered));
  return layerNorm(scope.at('enc_norm'), learnt);
}

/** Values above this are embedded as this; there is no lower bound. */
const largestValue = 512;

/** A value through two linear layers and a layer norm: `[cells, tokens]` to `[cells, tokens, d]`. */
export function continuousEmbedding(scope: Scope, values: Value, width: number): Value {
  const column = reshape(minimum(values, largestValue), [...values.shape, 1]); // [cells, tokens, 1]
  const hidden = relu(linear(scope.at('linear1'), column, width));
  return layerNorm(scope.at('norm'), linear(scope.at('linear2'), hidden, width));
}
