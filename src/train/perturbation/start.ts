/** @file The model that fine-tuning on a screen starts from: a pretrained one with flags, features and a new head. */

import type { ModelConfig } from '../../model/config.ts';
import { initialParameter } from '../../model/initial-parameters.ts';
import { expectedParameters } from '../../model/parameters.ts';
import type { StateDict, Tensor } from '../../support/tensor.ts';

/** What the model is to read beside expression and flags. */
export interface PerturbationInputsOfModel {
  readonly conditions: ModelConfig['conditions'];
  /** Numbers that tell what is known of perturbed genes. */
  readonly features: number;
  readonly dropout: number;
}

/** How a start is made. */
export interface StartOptions {
  readonly seed: number;
  /** As the reference does: the new head is drawn at random, instead of predicting at first that nothing changes. */
  readonly randomHead: boolean;
}

/** The configuration of the perturbation predictor on a pretrained body; unflagged tokens get nothing added. */
export function perturbationConfig(
  config: ModelConfig,
  { conditions, features, dropout }: PerturbationInputsOfModel,
): ModelConfig {
  return {
    ...config,
    architecture: 'perturbation',
    perturbationPad: 0,
    perturbationFeatures: features,
    conditions: [...conditions],
    dropout,
    padValue: 0,
    classes: 0,
    doMvc: false,
    doDab: false,
    batchCount: 0,
    useBatchLabels: false,
    inputBatchNorm: 'none',
    explicitZeroProbability: false,
    ecsThreshold: 0,
    trained: true,
  };
}

/**
 * Parameters to start from: those of the pretrained model of equal name and shape, the others new. Unless the head is to
 * be random, its last layers start at coefficient 1 and bias 0, and features and conditions at no effect, so that
 * training begins at "no change" and learns differences alone.
 */
export function perturbationStart(
  config: ModelConfig,
  pretrained: StateDict,
  { seed, randomHead }: StartOptions,
): StateDict {
  const expected = expectedParameters(config);
  const all: StateDict = new Map();
  for (const [name, { shape }] of expected) {
    const given = pretrained.get(name);
    if (given !== undefined && String(given.shape) === String(shape)) all.set(name, given);
    else if (!randomHead && startsAt(name) !== undefined)
      all.set(name, filled(shape, startsAt(name) as number));
    else all.set(name, initialParameter(name, expected, config, seed));
  }
  return all;
}

/** The value that all of a new parameter starts at; undefined where it is drawn. */
function startsAt(name: string): number | undefined {
  if (name === 'decoder.coeff_decoder.fc.4.bias') return 1;
  if (/^decoder\.(coeff|bias)_decoder\.fc\.4\./.test(name)) return 0;
  if (name === 'pert_features.weight') return 0;
  if (/^condition_encoder\..*\.enc_norm\.weight$/.test(name)) return 0;
  return undefined;
}

function filled(shape: readonly number[], value: number): Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { dtype: 'float32', shape, data: new Float32Array(size).fill(value) };
}
