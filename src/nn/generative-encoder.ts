/**
 * @file The encoder layer of generative pre-training: one set of weights over a stream of known and one of unknown genes.
 *
 * Known rows attend to known rows. An unknown row attends to the known rows and to itself, never to another unknown
 * row (Cui et al. 2024, Methods, attention mask): with the known genes kept apart that takes `unknown * (known + 1)`
 * scores instead of a masked square of all tokens.
 */

import type { Value } from '../graph/graph.ts';
import { add, multiply } from '../graph/ops/elementwise.ts';
import {
  attentionOperands,
  headsApart,
  headsTogether,
  type MixtureOperands,
  withColumn,
} from '../graph/ops/mixture.ts';
import { reduceSum } from '../graph/ops/reduce.ts';
import { concat, expand, slice } from '../graph/ops/shape.ts';
import { type AttentionOptions, attend, projectThird, weighted } from './attention.ts';
import { feedForward } from './encoder.ts';
import { linear } from './linear.ts';
import { layerNorm } from './norms.ts';
import type { Scope } from './scope.ts';
import { rowwise, type Streams } from './streams.ts';

/** Options of {@link generativeLayer}; `keep`, bool `[cells, known]`, tells real known tokens from padding. */
export interface GenerativeLayerOptions extends AttentionOptions {
  /** Width of the feed-forward part. */
  readonly hidden: number;
  /** The reference's unusual norm-first order, whose residual carries the normalised value. Default false. */
  readonly preNorm?: boolean;
}

/** One layer and its intermediate results. */
export interface GenerativeLayer {
  /** What attention adds to the residual. */
  readonly attended: Streams;
  readonly output: Streams;
}

/** `norm1 = LN(x + attention(x))`, `output = LN(norm1 + FFN(norm1))` in both streams. */
export function generativeLayer(scope: Scope, x: Streams, options: GenerativeLayerOptions): GenerativeLayer {
  const norm = (name: 'norm1' | 'norm2', rows: Value): Value => layerNorm(scope.at(name), rows);
  if (options.preNorm === true) {
    const norm1 = rowwise((rows) => norm('norm1', rows), x);
    const attended = attention(scope.at('self_attn'), norm1, options);
    const after = (rows: Value, context: Value): Value => {
      const norm2 = norm('norm2', add(rows, scope.dropped(context)));
      return add(norm2, scope.dropped(feedForward(scope, norm2, options)));
    };
    return { attended, output: rowwise(after, norm1, attended) };
  }
  const attended = attention(scope.at('self_attn'), x, options);
  const after = (rows: Value, context: Value): Value => {
    const norm1 = norm('norm1', add(rows, scope.dropped(context)));
    return norm('norm2', add(norm1, scope.dropped(feedForward(scope, norm1, options))));
  };
  return { attended, output: rowwise(after, x, attended) };
}

/**
 * Attention in both streams. Only the known stream goes through the output projection: in the reference the context
 * of unknown rows reaches the residual as it is, and the released weights were trained so.
 */
function attention(scope: Scope, x: Streams, options: GenerativeLayerOptions): Streams {
  const { width, heads, keep } = options;
  const third = (which: 0 | 1 | 2): Streams => rowwise((rows) => projectThird(scope, rows, which, width), x);
  const [query, key, value] = [third(0), third(1), third(2)];
  const known = { query: query.known, key: key.known, value: value.known };
  const context = attend(scope, known, { width, heads, keep }); // [cells, known, d]
  return {
    known: linear(scope.at('out_proj'), context, width),
    unknown: knownAndSelfAttention(
      scope,
      { query: query.unknown, key: key.unknown, value: value.unknown },
      known,
      options,
    ),
  };
}

/**
 * Attention of each unknown row to all known rows and itself: `[cells, unknown, d]`.
 *
 * A row's score with itself is one more number of its query, which meets a 1 in one more key and zeros in the others;
 * that key's value is a 1 in one more column, so that the weight a row gives itself comes out beside its context.
 */
function knownAndSelfAttention(
  scope: Scope,
  unknown: MixtureOperands, // [cells, unknown, d]
  known: MixtureOperands, // [cells, known, d]
  { heads, keep }: AttentionOptions,
): Value {
  const size = Number(unknown.query.shape[2]) / heads;
  const own = headsApart(multiply(unknown.query, unknown.key), heads); // [cells, heads, unknown, size]
  const ownScores = multiply(reduceSum(own, [3], true), size ** -0.5); // [cells, heads, unknown, 1]
  const { query, key, value } = attentionOperands({ ...known, query: unknown.query }, heads, keep);
  const joined = weighted(scope, {
    query: withColumn(query, ownScores),
    key: withOwnRow(key),
    value: withOwnRow(value),
  }); // [cells, heads, unknown, size + 1]
  const ownWeights = slice(joined, 3, size);
  const fromSelf = multiply(headsApart(unknown.value, heads), ownWeights); // [cells, heads, unknown, size]
  return headsTogether(add(slice(joined, 3, 0, size), fromSelf));
}

/** One more column of zeros, and one more row with a 1 there alone. */
function withOwnRow(x: Value): Value {
  const [cells, heads, , columns] = x.shape;
  const data = new Float32Array(Number(columns) + 1);
  data[data.length - 1] = 1;
  const row = x.graph.constant({ dtype: 'float32', shape: [data.length], data });
  return concat([withColumn(x, x.graph.scalar(0)), expand(row, [cells, heads, 1, data.length])], 2);
}
