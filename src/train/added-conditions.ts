/** @file Conditions that a trained model learns later. */

import type { Condition, ModelConfig } from '../model/config.ts';
import { initialParameter } from '../model/initial-parameters.ts';
import { expectedParameters } from '../model/parameters.ts';
import type { StateDict, Tensor } from '../support/tensor.ts';

/**
 * The model with these conditions, of which it may have some. The scale of a new one's layer norm starts at 0 instead of
 * 1: its embeddings are then zeros, and the model computes at first what it did before.
 *
 * @param conditions those of the model, unchanged, and new ones
 */
export function addConditions(
  config: ModelConfig,
  parameters: StateDict,
  conditions: readonly Condition[],
  seed: number,
): { readonly config: ModelConfig; readonly parameters: StateDict } {
  if (conditions.length === config.conditions.length) return { config, parameters };
  const grown: ModelConfig = { ...config, conditions };
  const expected = expectedParameters(grown);
  const all: StateDict = new Map();
  const before = expectedParameters(config);
  for (const name of expected.keys()) {
    const given = parameters.get(name);
    if (given !== undefined) all.set(name, given);
    else if (!before.has(name)) all.set(name, added(initialParameter(name, expected, grown, seed), name));
  }
  return { config: grown, parameters: all };
}

function added(initial: Tensor, name: string): Tensor {
  if (!name.endsWith('.enc_norm.weight')) return initial;
  return { dtype: 'float32', shape: initial.shape, data: new Float32Array(initial.data.length) };
}
