/**
 * @file What the perturbation predictor has beside the released model: flags on tokens, features of what is perturbed,
 * and a head that scales and shifts each gene's value.
 *
 * Cui et al. 2024, Methods, "Perturbation response prediction"; `TransformerGenerator` of the released code. Features of
 * the perturbed genes are ours: the published input tells perturbations apart by one flagged token among all.
 */

import type { Value } from '../graph/graph.ts';
import {
  add,
  cast,
  divide,
  equal,
  exp,
  leakyRelu,
  log,
  maximum,
  minimum,
  multiply,
  relu,
  sigmoid,
  stopGradient,
  subtract,
  where,
} from '../graph/ops/elementwise.ts';
import { reduceSum } from '../graph/ops/reduce.ts';
import { gatherRows, reshape } from '../graph/ops/shape.ts';
import { type ExpressionPrediction, expressionDecoder } from '../nn/decoders.ts';
import { linear } from '../nn/linear.ts';
import type { Scope } from '../nn/scope.ts';
import { GraphError } from '../support/errors.ts';
import type { ModelConfig } from './config.ts';

/** What is perturbed in each cell. */
export interface PerturbationInputs {
  /** int32 `[cells, tokens]`: 1 on tokens of perturbed genes, 0 on others. The model's padding flag has no effect. */
  readonly flags: Value;
  /** float32 `[cells, features]`: what is known of the perturbed genes, summed over them, where the model reads it. */
  readonly features?: Value | undefined;
}

/** The predicted expression and what it is made of, each `[cells, tokens]`. */
export interface PerturbedExpression extends ExpressionPrediction {
  readonly coefficient: Value;
  readonly bias: Value;
}

/** Embeddings of flags, without a norm; the row of the padding flag gets no gradient: `[cells, tokens, d]`. */
export function embedFlags(scope: Scope, config: ModelConfig, flags: Value): Value {
  const table = scope.at('pert_encoder').parameter('weight', [3, config.embeddingSize]);
  const gathered = gatherRows(table, flags);
  const isPad = equal(reshape(flags, [...flags.shape, 1]), config.perturbationPad);
  return where(isPad, stopGradient(gathered), gathered);
}

/** Adds to `x`, `[cells, tokens, d]`, what is perturbed: flags, and to all tokens of a cell its features. */
export function withPerturbation(
  scope: Scope,
  config: ModelConfig,
  x: Value,
  { flags, features }: PerturbationInputs,
): Value {
  const flagged = add(x, embedFlags(scope, config, flags));
  if (config.perturbationFeatures === 0) return flagged;
  if (features === undefined) {
    throw new GraphError({
      what: `this model needs the input 'features'`,
      expected: `[cells, ${config.perturbationFeatures}]`,
      reason: 'input',
    });
  }
  const width = config.embeddingSize;
  const projected = linear(scope.at('pert_features'), features, width, { bias: false }); // [cells, d]
  return add(flagged, reshape(projected, [features.shape[0], 1, width]));
}

/**
 * `coefficient * value + bias`, both read from each token's row; with an adaptive bias, the bias counts times the mean
 * of the cell's values that are not zero.
 *
 * @param tokens `[cells, tokens, d]`
 * @param values expression before the perturbation, float32 `[cells, tokens]`
 */
export function perturbedExpression(
  scope: Scope,
  config: ModelConfig,
  tokens: Value,
  values: Value,
): PerturbedExpression {
  const options = { width: config.embeddingSize, zeroProbability: config.explicitZeroProbability };
  const scales = expressionDecoder(scope.at('coeff_decoder'), [tokens], options);
  const shifts = expressionDecoder(scope.at('bias_decoder'), [tokens], options);
  const activated = activation(config.decoderActivation);
  const shift = activated(shifts.value);
  const bias = config.adaptiveBias ? multiply(shift, meanOfNonZero(values)) : shift;
  return {
    coefficient: scales.value,
    bias: shifts.value,
    value: add(multiply(activated(scales.value), values), bias),
    ...(scales.nonZeroProbability === undefined ? {} : { nonZeroProbability: scales.nonZeroProbability }),
  };
}

/** The mean of each cell's values that are not zero: `[cells, 1]`. */
function meanOfNonZero(values: Value): Value {
  const counted = subtract(1, cast(equal(values, 0), 'float32'));
  return divide(reduceSum(values, [1], true), reduceSum(counted, [1], true));
}

const activations: Readonly<Record<string, (x: Value) => Value>> = {
  ReLU: relu,
  LeakyReLU: leakyRelu,
  Sigmoid: sigmoid,
  Softplus: (x) => {
    const distance = maximum(x, multiply(x, -1));
    return add(maximum(x, 0), log(add(1, exp(multiply(distance, -1)))));
  },
  Hardtanh: (x) => minimum(maximum(x, -1), 1),
};

function activation(name: string | null): (x: Value) => Value {
  if (name === null) return (x) => x;
  const found = activations[name];
  if (found !== undefined) return found;
  throw new GraphError({
    what: `the activation '${name}' of the perturbation decoder is not known`,
    expected: `one of ${Object.keys(activations).join(', ')}, or none`,
    reason: 'activation',
  });
}
