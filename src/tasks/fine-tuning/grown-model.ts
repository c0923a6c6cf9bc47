/** @file A model with the heads and embeddings that a task needs; what it lacks is drawn at random. */

import type { ModelConfig } from '../../model/config.ts';
import type { Model } from '../../model/folder-content.ts';
import { initialParameter } from '../../model/initial-parameters.ts';
import { expectedParameters } from '../../model/parameters.ts';
import type { StateDict } from '../../support/tensor.ts';

/** A model as training takes it. */
export type TrainedModel = Pick<Model, 'config' | 'vocabulary' | 'parameters'>;

/** How a model is grown. */
export interface GrowOptions {
  /** Draws all parameters anew: only the shape of the model is kept. */
  readonly fromScratch: boolean;
  readonly seed: number;
}

/**
 * The model with another configuration; parameters of equal name and shape stay, as the reference loads them for
 * fine-tuning, and those that no part of the new configuration has are left out.
 */
export function grownModel(
  { config, vocabulary, parameters }: TrainedModel,
  changes: Partial<ModelConfig>,
  { fromScratch, seed }: GrowOptions,
): TrainedModel {
  const grown: ModelConfig = { ...config, ...changes, trained: true };
  const expected = expectedParameters(grown);
  const all: StateDict = new Map();
  for (const [name, { shape }] of expected) {
    const given = fromScratch ? undefined : parameters.get(name);
    const fits = given !== undefined && String(given.shape) === String(shape);
    all.set(name, fits ? given : initialParameter(name, expected, grown, seed));
  }
  return { config: grown, vocabulary, parameters: all };
}
