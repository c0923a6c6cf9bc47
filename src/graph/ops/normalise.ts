/** @file Softmax, its logarithm, and layer normalisation. */

import type { Value } from '../graph.ts';
import { axisOf } from '../shape.ts';
import { refuse, requireDtype } from './check.ts';

function exponentialShares(kind: 'softmax' | 'logSoftmax', x: Value, axis: number): Value {
  requireDtype(kind, x, 'float32');
  const operation = { kind, axis: axisOf(kind, axis, x.shape) } as const;
  return x.graph.apply(operation, [x], [{ dtype: 'float32', shape: x.shape }])[0];
}

export const softmax = (x: Value, axis = -1): Value => exponentialShares('softmax', x, axis);

/** `log(softmax(x))`, without overflow or loss of small shares. */
export const logSoftmax = (x: Value, axis = -1): Value => exponentialShares('logSoftmax', x, axis);

/** A normalised value and the statistics its gradient reuses. */
export interface LayerNormResult {
  readonly output: Value;
  /** `[..., 1]` */
  readonly mean: Value;
  /** `1 / sqrt(variance + epsilon)`, `[..., 1]` */
  readonly inverseDeviation: Value;
}

/** Normalises the last dimension to mean 0 and variance 1, then multiplies by `weight` and adds `bias`, both `[d]`. */
export function layerNorm(x: Value, weight: Value, bias: Value, epsilon = 1e-5): LayerNormResult {
  requireDtype('layerNorm', x, 'float32');
  const width = x.shape.at(-1);
  for (const affine of [weight, bias]) {
    if (affine.shape.length !== 1 || affine.shape[0] !== width)
      refuse('layerNorm', `weight and bias [${width}]`, affine);
  }
  const statistics = { dtype: 'float32', shape: [...x.shape.slice(0, -1), 1] } as const;
  const types = [{ dtype: 'float32', shape: x.shape } as const, statistics, statistics];
  const [output, mean, inverseDeviation] = x.graph.apply(
    { kind: 'layerNorm', epsilon },
    [x, weight, bias],
    types,
  );
  return { output, mean, inverseDeviation };
}
