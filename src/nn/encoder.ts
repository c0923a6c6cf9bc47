/** @file The transformer encoder layer of scGPT: post-norm, ReLU, biases everywhere, no positional encoding. */

import type { Value } from '../graph/graph.ts';
import { add, cast, multiply, relu } from '../graph/ops/elementwise.ts';
import { reshape, slice } from '../graph/ops/shape.ts';
import { type AttentionOptions, selfAttention } from './attention.ts';
import { linear } from './linear.ts';
import { layerNorm } from './norms.ts';
import { rowAttention } from './row-attention.ts';
import type { Scope } from './scope.ts';

/** Options of {@link encoderLayer}. */
export interface EncoderLayerOptions extends AttentionOptions {
  /** Width of the feed-forward part. */
  readonly hidden: number;
  /** Give tokens that are not kept a context of zeros, as flash attention does on padded batches. Default false. */
  readonly zeroContext?: boolean;
  /** The reference's unusual norm-first order, whose residual carries the normalised value. Default false. */
  readonly preNorm?: boolean;
  /** Compute the first row alone, where the next step needs no other. Default false. */
  readonly firstRowOnly?: boolean;
}

/** One layer and its intermediate results. */
export interface EncoderLayer {
  /** After the output projection, before the residual. */
  readonly attended: Value;
  readonly norm1: Value;
  readonly output: Value;
}

/**
 * `norm1 = LN(x + attention(x))`, `output = LN(norm1 + FFN(norm1))`.
 *
 * @param x `[cells, tokens, d]`
 * @returns results `[cells, rows, d]`, where rows are all tokens, or the first alone with `firstRowOnly`
 */
export function encoderLayer(scope: Scope, x: Value, options: EncoderLayerOptions): EncoderLayer {
  const { preNorm = false } = options;
  const norm = (name: 'norm1' | 'norm2', rows: Value): Value => layerNorm(scope.at(name), rows);
  const asking = (rows: Value): Value => (options.firstRowOnly === true ? slice(rows, 1, 0, 1) : rows);

  if (preNorm) {
    const normed = norm('norm1', x);
    const norm1 = asking(normed);
    const attended = attend(scope.at('self_attn'), normed, options);
    const norm2 = norm('norm2', add(norm1, scope.dropped(attended)));
    return { attended, norm1, output: add(norm2, scope.dropped(feedForward(scope, norm2, options))) };
  }
  const attended = attend(scope.at('self_attn'), x, options);
  const norm1 = norm('norm1', add(asking(x), scope.dropped(attended)));
  const output = norm('norm2', add(norm1, scope.dropped(feedForward(scope, norm1, options))));
  return { attended, norm1, output };
}

/** Attention and its output projection. */
function attend(scope: Scope, x: Value, options: EncoderLayerOptions): Value {
  const { width, keep, zeroContext = false, firstRowOnly = false } = options;
  if (firstRowOnly) {
    const context = rowAttention(scope, slice(x, 1, 0, 1), x, options); // the first row is never a pad
    return linear(scope.at('out_proj'), context, width);
  }
  const context = selfAttention(scope, x, options);
  const shown = zeroContext && keep !== undefined ? zeroWhereDropped(context, keep) : context;
  return linear(scope.at('out_proj'), shown, width);
}

/** Linear, ReLU, Linear on each row alone: `[cells, rows, d]` to the same. */
export function feedForward(
  scope: Scope,
  x: Value,
  { width, hidden }: Pick<EncoderLayerOptions, 'width' | 'hidden'>,
): Value {
  const inside = scope.dropped(relu(linear(scope.at('linear1'), x, hidden)));
  return linear(scope.at('linear2'), inside, width);
}

/** Rows of dropped tokens become zero: `x` `[cells, tokens, d]`, `keep` `[cells, tokens]`. */
export function zeroWhereDropped(x: Value, keep: Value): Value {
  return multiply(x, cast(reshape(keep, [...keep.shape, 1]), 'float32'));
}
