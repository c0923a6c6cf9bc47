/**
 * @file The inner part of attention, heads apart: rows of values mixed by softmax weights, as training needs it.
 *
 * In training the weights, one for each query and key, are most of the numbers there are; every pass over them costs.
 * So what would change them is carried into the products as one more dimension of queries and keys: scale and mask
 * here, a token's score with itself in generative pre-training, the row sums of the backward pass.
 */

import type { Value } from '../graph.ts';
import { product } from '../shape.ts';
import { refuse, requireDtype } from './check.ts';
import { checkRate, type DropoutKeys } from './dropout.ts';
import { multiply, where } from './elementwise.ts';
import { concat, expand, reshape, transpose } from './shape.ts';

/** What {@link mixture} may also be given. */
export interface MixtureSettings {
  /** Dropout of the weights: rows `[cells, heads, queries, 1]`, columns `[cells, 1, 1, keys]`. */
  readonly dropout?: DropoutKeys | undefined;
  /**
   * What the backward pass does for the weights: computes them again from queries and keys, or reads those of the
   * forward pass, the default, which is faster and keeps `[cells, heads, queries, keys]` numbers until then.
   */
  readonly probabilities?: 'recomputed' | 'stored' | undefined;
}

/**
 * `dropout(softmax(query key^T)) value`, all `[cells, heads, rows, columns]`.
 *
 * @param query `[cells, heads, queries, e]`, scale included
 * @param key `[cells, heads, keys, e]`
 * @param value `[cells, heads, keys, f]`
 * @returns `[cells, heads, queries, f]`
 */
export function mixture(
  query: Value,
  key: Value,
  value: Value,
  { dropout, probabilities = 'stored' }: MixtureSettings = {},
): Value {
  for (const operand of [query, key, value]) {
    requireDtype('mixture', operand, 'float32');
    if (operand.shape.length !== 4) refuse('mixture', 'operands [cells, heads, rows, columns]', operand);
  }
  const [cells, heads, queries, inner] = query.shape;
  const [, , keys] = key.shape;
  if (String(key.shape) !== String([cells, heads, keys, inner]))
    refuse('mixture', `keys [${cells}, ${heads}, keys, ${inner}]`, key);
  if (String(value.shape.slice(0, 3)) !== String([cells, heads, keys]))
    refuse('mixture', `values [${cells}, ${heads}, ${keys}, columns]`, value);
  const inputs = [query, key, value];
  if (dropout !== undefined) {
    checkRate(dropout.rate);
    inputs.push(dropout.rows, dropout.columns);
  }
  const operation = {
    kind: 'mixture',
    dropout: dropout?.rate ?? 0,
    recompute: probabilities === 'recomputed',
  } as const;
  return query.graph.apply(operation, inputs, [
    { dtype: 'float32', shape: [cells, heads, queries, value.shape[3]] },
    { dtype: 'float32', shape: [cells, heads, queries, keys] },
  ])[0];
}

/** Operands of {@link mixture}. */
export interface MixtureOperands {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/** `[cells, tokens, d]` to `[cells, heads, tokens, d / heads]`. */
export function headsApart(x: Value, heads: number): Value {
  const [cells, tokens, width] = x.shape;
  return transpose(reshape(x, [cells, tokens, heads, Number(width) / heads]), [0, 2, 1, 3]);
}

/** `[cells, heads, tokens, d / heads]` to `[cells, tokens, d]`. */
export function headsTogether(x: Value): Value {
  const [cells, heads, tokens, size] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [cells, tokens, product([heads, size])]);
}

/** Added to the scores of dropped keys: their weights become exactly 0. */
const dropped = -1e9;

/**
 * The operands of {@link mixture} that give attention of `[cells, tokens, d]` operands: queries are scaled, and a mask
 * becomes one more dimension, 1 in queries and a large negative number in dropped keys.
 *
 * @param keep bool `[cells, keys]`
 */
export function attentionOperands(
  operands: MixtureOperands,
  heads: number,
  keep: Value | undefined,
): MixtureOperands {
  const scale = (Number(operands.query.shape[2]) / heads) ** -0.5;
  const query = headsApart(multiply(operands.query, scale), heads);
  const key = headsApart(operands.key, heads);
  const value = headsApart(operands.value, heads);
  if (keep === undefined) return { query, key, value };
  const [cells, keys] = keep.shape;
  const bias = where(reshape(keep, [cells, 1, keys, 1]), keep.graph.scalar(0), dropped); // [cells, 1, keys, 1]
  return {
    query: withColumn(query, query.graph.scalar(1)),
    key: withColumn(key, bias),
    value,
  };
}

/** `x` `[cells, heads, rows, columns]` with one more column, which broadcasts to its rows. */
export function withColumn(x: Value, column: Value): Value {
  return concat([x, expand(column, x.shape.with(3, 1))], 3);
}
