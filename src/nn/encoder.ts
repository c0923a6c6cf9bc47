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
  /** The rows to compute, `[cells, rows, d]`, where the next step does not need all. Default all of `x`. */
  readonly rows?: Value;
}

/** One layer and its intermediate results. */
export interface EncoderLayer {
  /** After the output projection, before the residual. */
  readonly attended: Value;
  readonly norm1: Value;
  readonly output: Value;
}

/** `norm1 = LN(x + attention(x))`, `output = LN(norm1 + FFN(norm1))`. */
export function encoderLayer(scope: Scope, x: Value, options: EncoderLayerOptions): EncoderLayer {
  const { width, heads, hidden, keep, zeroContext = false, rows = x } = options;
  const self = selfAttention(scope.at('self_attn'), rows, x, { width, heads, keep });
  const context = zeroContext && keep !== undefined ? zeroWhereDropped(self.context, keep) : self.context;
  const attended = self.output(context); // [cells, rows, d]
  const norm1 = layerNorm(scope.at('norm1'), add(rows, attended));
  const between = relu(linear(scope.at('linear1'), norm1, hidden)); // [cells, rows, hidden]
  const output = layerNorm(scope.at('norm2'), add(norm1, linear(scope.at('linear2'), between, width)));
  return { attended, norm1, output };
}

/** Rows of dropped tokens become zero: `x` `[cells, tokens, d]`, `keep` `[cells, tokens]`. */
export function zeroWhereDropped(x: Value, keep: Value): Value {
  return multiply(x, cast(reshape(keep, [...keep.shape, 1]), 'float32'));
}
