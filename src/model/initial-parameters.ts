/** @file Random parameters to start training from, by the distributions the published models started from. */

import { type Random, randomStream } from '../support/random.ts';
import { elementCount, type StateDict, type Tensor } from '../support/tensor.ts';
import type { ModelConfig } from './config.ts';
import { type ExpectedParameters, expectedParameters } from './parameters.ts';

/** Half the width of the uniform distribution of gene embeddings, fixed in the reference, and of conditions'. */
const tokenBound = 0.1;
/** Slope of torch's PReLU before training. */
const initialSlope = 0.25;

/**
 * Draws every parameter that a configuration implies, each from a stream of its own: a parameter's values depend on
 * seed, name and shape only, not on which others the model has.
 *
 * Linear layers, attention included, are uniform within 1/sqrt(inputs), biases too; the gene embedding is uniform
 * within 0.1, and so are conditions: a layer norm follows, so only a row's direction counts, and in a small row Adam's
 * steps turn it as fast as they turn a gene's; other tables are standard normal, with zeros for the perturbation flag that stands for none; norms are 1
 * and 0, running statistics 0 and 1. Unlike in the reference, where all transformer layers start as copies of one,
 * every layer is drawn for itself.
 */
export function initialParameters(config: ModelConfig, seed: number): StateDict {
  const expected = expectedParameters(config);
  const parameters: StateDict = new Map();
  for (const name of expected.keys()) parameters.set(name, initialParameter(name, expected, config, seed));
  return parameters;
}

/** Draws one of the parameters that a configuration implies, as {@link initialParameters} does. */
export function initialParameter(
  name: string,
  expected: ExpectedParameters,
  config: ModelConfig,
  seed: number,
): Tensor {
  if (name.endsWith('.num_batches_tracked')) return zeroCount();
  const { shape } = expected.get(name)!;
  return filled(shape, distributionOf(name, expected, config)(randomStream(seed, name)));
}

/** Opens a sequence of values, called with each element's index. */
type Distribution = (random: Random) => (index: number) => number;

const constant =
  (value: number): Distribution =>
  () =>
  () =>
    value;
const uniform =
  (bound: number): Distribution =>
  (random) =>
  () =>
    bound * (2 * random.uniform() - 1);
const normal: Distribution = (random) => () => random.normal();

/** Standard normal rows, of `width` values each, with one of zeros. */
const normalBut =
  (zeroRow: number, width: number): Distribution =>
  (random) =>
  (index) => {
    const value = random.normal();
    return Math.floor(index / width) === zeroRow ? 0 : value;
  };

function distributionOf(name: string, expected: ExpectedParameters, config: ModelConfig): Distribution {
  if (name === 'encoder.embedding.weight') return uniform(tokenBound);
  if (expected.get(name)?.part === 'condition embedding' && name.endsWith('.embedding.weight')) {
    return uniform(tokenBound);
  }
  if (name === 'pert_encoder.weight') return normalBut(config.perturbationPad, config.embeddingSize);
  if (name === 'flag_encoder.weight' || name.endsWith('.embedding.weight')) return normal;
  if (name.endsWith('.hidden_activation.weight')) return constant(initialSlope);
  if (name.endsWith('.running_mean')) return constant(0);
  if (name.endsWith('.running_var')) return constant(1);
  const weight = expected.get(name.replace(/\.bias$/, '.weight'));
  const inputs = weight?.shape[1];
  if (inputs === undefined) return constant(name.endsWith('.weight') ? 1 : 0); // a norm
  return uniform(1 / Math.sqrt(inputs));
}

function filled(shape: readonly number[], valueAt: (index: number) => number): Tensor {
  const data = new Float32Array(elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = valueAt(i);
  return { dtype: 'float32', shape, data };
}

function zeroCount(): Tensor {
  return { dtype: 'int64', shape: [], data: new BigInt64Array(1) };
}
