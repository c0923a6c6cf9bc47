/**
 * @file The encoder layer of generative pre-training: one set of weights over a stream of known and one of unknown genes.
 *
 * Known rows attend to known rows. An unknown row attends to the known rows and to itself, never to another unknown
 * row (Cui et al. 2024, Methods, attention mask): with the known genes kept apart that takes `unknown * (known + 1)`
 * scores instead of a masked square of all tokens.
 */

import type { Value } from '../graph/graph.ts';
import { attention } from '../graph/ops/attention.ts';
import { dropout } from '../graph/ops/dropout.ts';
import { add, multiply, relu, where } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { softmax } from '../graph/ops/normalise.ts';
import { reduceSum } from '../graph/ops/reduce.ts';
import { concat, reshape, slice, transpose } from '../graph/ops/shape.ts';
import { type AttentionOptions, projectThird } from './attention.ts';
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
    const attended = attend(scope.at('self_attn'), norm1, options);
    const after = (rows: Value, context: Value): Value => {
      const norm2 = norm('norm2', add(rows, scope.dropped(context)));
      return add(norm2, scope.dropped(feedForward(scope, norm2, options)));
    };
    return { attended, output: rowwise(after, norm1, attended) };
  }
  const attended = attend(scope.at('self_attn'), x, options);
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
function attend(scope: Scope, x: Streams, options: GenerativeLayerOptions): Streams {
  const { width, heads, keep } = options;
  const third = (which: 0 | 1 | 2): Streams => rowwise((rows) => projectThird(scope, rows, which, width), x);
  const [query, key, value] = [third(0), third(1), third(2)];
  const context = attention(query.known, key.known, value.known, heads, {
    keep,
    dropout: scope.training?.dropout?.attention(query.known, key.known, heads),
    probabilities: scope.training?.probabilities,
  }); // [cells, known, d]
  return {
    known: linear(scope.at('out_proj'), context, width),
    unknown: knownAndSelfAttention(scope, query.unknown, key, value, options),
  };
}

/** Attention of each unknown row to all known rows and itself: `[cells, unknown, d]`. */
function knownAndSelfAttention(
  scope: Scope,
  query: Value, // [cells, unknown, d]
  key: Streams,
  value: Streams,
  { width, heads, keep }: AttentionOptions,
): Value {
  const [cells, unknown] = query.shape;
  const size = width / heads;
  const scale = size ** -0.5;
  const apart = (rows: Value): Value => reshape(rows, [cells, rows.shape[1], heads, size]); // [cells, rows, heads, size]
  const swap = (x: Value): Value => transpose(x, [0, 2, 1, 3]); // rows by heads to heads by rows, and back

  const products = reduceSum(multiply(apart(query), apart(key.unknown)), [3], true);
  const own = swap(multiply(products, scale)); // [cells, heads, unknown, 1]
  const queries = swap(apart(query)); // [cells, heads, unknown, size]
  const others = matmul(queries, swap(apart(key.known)), { transposeRight: true, scale }); // [cells, heads, unknown, known]
  const kept =
    keep === undefined ? others : where(reshape(keep, [cells, 1, 1, keep.shape[1]]), others, -Infinity);
  const shares = softmax(concat([own, kept], 3)); // [cells, heads, unknown, 1 + known]
  const probabilities = droppedShares(scope, shares);
  const fromKnown = matmul(slice(probabilities, 3, 1), swap(apart(value.known))); // [cells, heads, unknown, size]
  const fromSelf = multiply(swap(slice(probabilities, 3, 0, 1)), apart(value.unknown)); // [cells, unknown, heads, size]
  return reshape(add(swap(fromKnown), fromSelf), [cells, unknown, width]);
}

function feedForward(scope: Scope, x: Value, { width, hidden }: GenerativeLayerOptions): Value {
  const inside = scope.dropped(relu(linear(scope.at('linear1'), x, hidden)));
  return linear(scope.at('linear2'), inside, width);
}

function droppedShares(scope: Scope, shares: Value): Value {
  const keys = scope.training?.dropout?.shares(shares);
  return keys === undefined ? shares : dropout(shares, keys);
}
