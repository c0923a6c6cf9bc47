/** @file Low-rank adaptation (Hu et al. 2021) of a model's transformer: factors to start from, and their merging into the weights. */

import type { ModelConfig } from '../model/config.ts';
import { expectedParameters } from '../model/parameters.ts';
import { adaptedWeight, lowRankNames } from '../nn/linear.ts';
import type { LowRank } from '../nn/scope.ts';
import { UsageError } from '../support/errors.ts';
import { randomStream } from '../support/random.ts';
import type { StateDict, Tensor } from '../support/tensor.ts';

/**
 * The factors of every adapted weight: `A` `[rank, in]`, uniform within 1/sqrt(in) (the paper's code draws it like a
 * linear layer), and `B` `[out, rank]`, zeros, so that training starts from the model as it is.
 *
 * @throws UsageError when the rank is no whole number above 0, when a weight outside the transformer is to be adapted, or none is
 */
export function lowRankParameters(config: ModelConfig, lowRank: LowRank, seed: number): StateDict {
  const { rank } = lowRank;
  if (!(Number.isInteger(rank) && rank > 0)) {
    throw new UsageError({
      what: `the rank is ${rank}`,
      expected: 'a whole number above 0',
      reason: 'low_rank',
    });
  }
  const factors: StateDict = new Map();
  for (const [weight, { shape, part }] of expectedParameters(config)) {
    if (shape.length !== 2 || !lowRank.targets(weight)) continue;
    if (part !== 'transformer') throw notAdaptable(weight, part);
    const [outputs, inputs] = shape;
    const { a, b } = lowRankNames(weight);
    factors.set(a, drawn([rank, inputs], 1 / Math.sqrt(inputs), seed, a));
    factors.set(b, zeros([outputs, rank]));
  }
  if (factors.size > 0) return factors;
  throw new UsageError({
    what: 'no weight matrix of the transformer is chosen for low-rank adaptation',
    expected: 'some of self_attn.Wqkv, self_attn.out_proj, linear1, linear2',
    reason: 'low_rank',
  });
}

function notAdaptable(weight: string, part: string): UsageError {
  return new UsageError({
    what: `'${weight}' of the ${part} cannot be adapted by factors of low rank`,
    expected: "weight matrices of the transformer's layers",
    advice: 'Train it as it is: it is small, or looked up instead of multiplied',
    reason: 'low_rank',
  });
}

/**
 * Adds every pair of factors to its weight, `W + (alpha / rank) B A`, and leaves the factors out: the same model with
 * the parameters it had before adaptation. Other parameters are the given tensors, not copies.
 *
 * @throws UsageError when a factor has no weight or no other factor
 */
export function mergeLowRank(
  parameters: StateDict,
  { rank, alpha }: Pick<LowRank, 'rank' | 'alpha'>,
): StateDict {
  const merged: StateDict = new Map();
  const factors = new Set<string>();
  for (const [name, tensor] of parameters) {
    const { a, b } = lowRankNames(name);
    const left = parameters.get(b);
    const right = parameters.get(a);
    if (!name.endsWith('.weight') || left === undefined || right === undefined) {
      merged.set(name, tensor);
      continue;
    }
    merged.set(name, withProduct(tensor, left, right, alpha / rank));
    factors.add(a).add(b);
  }
  for (const name of factors) merged.delete(name);
  for (const name of merged.keys()) {
    if (adaptedWeight(name) !== undefined) throw alone(name);
  }
  return merged;
}

function alone(factor: string): UsageError {
  return new UsageError({
    what: `the low-rank factor '${factor}' cannot be merged`,
    expected: `'${adaptedWeight(factor)}' and both its factors`,
    reason: 'low_rank',
  });
}

/** `weight + scale * left right`, summed in float64: `[out, in]` of `[out, rank]` and `[rank, in]`. */
function withProduct(weight: Tensor, left: Tensor, right: Tensor, scale: number): Tensor {
  const [outputs, inputs] = weight.shape;
  const rank = right.shape[0];
  const given = weight.data as Float32Array;
  const b = left.data as Float32Array;
  const a = right.data as Float32Array;
  const data = new Float32Array(given.length);
  const row = new Float64Array(inputs);
  for (let output = 0; output < outputs; output++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = scale * b[output * rank + r];
      for (let i = 0; i < inputs; i++) row[i] += factor * a[r * inputs + i];
    }
    const start = output * inputs;
    for (let i = 0; i < inputs; i++) data[start + i] = given[start + i] + row[i];
  }
  return { dtype: 'float32', shape: weight.shape, data };
}

function drawn(shape: readonly [number, number], bound: number, seed: number, name: string): Tensor {
  const random = randomStream(seed, name);
  const data = new Float32Array(shape[0] * shape[1]);
  for (let i = 0; i < data.length; i++) data[i] = bound * (2 * random.uniform() - 1);
  return { dtype: 'float32', shape, data };
}

function zeros(shape: readonly [number, number]): Tensor {
  return { dtype: 'float32', shape, data: new Float32Array(shape[0] * shape[1]) };
}
