/** @file The transformer encoder layer of scGPT: post-norm, ReLU, biases everywhere, no positional encoding. */

import type { Value } from '../graph/graph.ts';
import { add, cast, multiply, relu } from '../graph/ops/elementwise.ts';
import { reshape } from '../graph/ops/shape.ts';
import { selfAttention } from './attention.ts';
import { linear } from './linear.ts';
import { layerNorm } from './norms.ts';
import type { Scope } from './scope.ts';

/** Options of {@link encoderLayer}. */
export interface EncoderLayerOptions {
  readonly width: number;
  readonly heads: number;
  /** Width of the feed-forward part. */
  readonly hidden: number;
  /** bool `[cells, tokens]`: tokens that may be attended to; all without it. */
  readonly keep?: Value | undefined;
  /** Give tokens that are not kept a context of zeros, as flash attention does on padded batches. Default false. */
  readonly zeroContext?: boolean;
  /** The reference's unusual norm-first order, whose residual carries the normalised value. Default false. */
  readonly preNorm?: boolean;
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
 * @param asking the rows to compute, `[cells, rows, d]`, where the next step does not need all of `x`
 */
export function encoderLayer(scope: Scope, x: Value, options: EncoderLayerOptions, asking = x): EncoderLayer {
  const { width, heads, hidden, keep, zeroContext = false, preNorm = false } = options;
  const norm = (name: 'norm1' | 'norm2', rows: Value): Value => layerNorm(scope.at(name), rows);
  const attend = (rows: Value, to: Value): Value => {
    const context = selfAttention(scope.at('self_attn'), rows, to, { width, heads, keep });
    const shown = zeroContext && keep !== undefined ? zeroWhereDropped(context, keep) : context;
    return linear(scope.at('self_attn', 'out_proj'), shown, width);
  };
  const feedForward = (rows: Value): Value =>
    linear(scope.at('linear2'), relu(linear(scope.at('linear1'), rows, hidden)), width);

  if (preNorm) {
    const norm1 = norm('norm1', asking);
    const attended = attend(norm1, asking === x ? norm1 : norm('norm1', x)); // [cells, rows, d]
    const norm2 = norm('norm2', add(norm1, attended));
    return { attended, norm1, output: add(norm2, feedForward(norm2)) };
  }
  const attended = attend(asking, x); // [cells, rows, d]
  const norm1 = norm('norm1', add(asking, attended));
  return { attended, norm1, output: norm('norm2', add(norm1, feedForward(norm1))) };
}

/** Rows of dropped tokens become zero: `x` `[cells, tokens, d]`, `keep` `[cells, tokens]`. */
export function zeroWhereDropped(x: Value, keep: Value): Value {
  return multiply(x, cast(reshape(keep, [...keep.shape, 1]), 'float32'));
}
