/** @file The model that pre-training starts from: a new one, or one that it goes on from. */

import { type ModelConfig, modelConfig } from '../../model/config.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { requirePretraining } from '../../model/generative.ts';
import { initialParameter, initialParameters } from '../../model/initial-parameters.ts';
import { expectedParameters } from '../../model/parameters.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import type { Logger } from '../../support/log.ts';
import type { StateDict } from '../../support/tensor.ts';
import { addConditions } from '../../train/added-conditions.ts';
import type { Corpus } from './corpus.ts';
import type { ModelSize, PretrainSettings } from './settings.ts';

/** What a run starts from. */
export interface StartingPoint {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  readonly parameters: StateDict;
  /** Parameters drawn for this run in a model that had none of them: they are trained whatever is frozen. */
  readonly drawn: ReadonlySet<string>;
}

/** A new model over the corpus's tokens, with random weights. */
export function newModel(
  corpus: Corpus,
  size: ModelSize,
  { bins, maxLength, dropout, seed }: PretrainSettings,
): StartingPoint {
  const { vocabulary } = corpus.compact;
  const config = modelConfig({
    ...size,
    architecture: 'pretraining',
    vocabularySize: vocabulary.size,
    bins,
    maxLength,
    dropout,
    conditions: corpus.conditions,
  });
  return { config, vocabulary, parameters: initialParameters(config, seed), drawn: new Set() };
}

/**
 * The model as pre-training goes on from it. A released one without the flag of unknown genes gets one; heads that
 * pre-training does not train stay in it as they are.
 *
 * @throws CheckpointError when the model has parts that nothing defines for generation, such as batch norm of its input
 */
export function generativeConfig(config: ModelConfig): ModelConfig {
  const { architecture } = config;
  const generative: ModelConfig = {
    ...config,
    architecture: architecture === 'standard' ? 'pretraining' : architecture,
    trained: true,
  };
  requirePretraining(trainedConfig(generative));
  return generative;
}

/** The part of a model that pre-training runs: expression values, but no probabilities of their being zero. */
export function trainedConfig(config: ModelConfig): ModelConfig {
  return { ...config, explicitZeroProbability: false };
}

/** A model to go on from, with what it lacks drawn at random, which is told. */
export async function continuedModel(
  init: LoadedModel,
  corpus: Corpus,
  seed: number,
  logger: Logger,
): Promise<StartingPoint> {
  const known = await init.parameters();
  const grown = addConditions(generativeConfig(init.config), known, corpus.conditions, seed);
  const expected = expectedParameters(grown.config);
  const parameters: StateDict = new Map();
  const drawn = new Set<string>();
  const parts = new Set<string>();
  for (const [name, { part }] of expected) {
    const given = grown.parameters.get(name);
    parameters.set(name, given ?? initialParameter(name, expected, grown.config, seed));
    if (!known.has(name)) drawn.add(name); // conditions just added too, which change nothing yet
    if (given === undefined) parts.add(part);
  }
  if (parts.size > 0) {
    logger.warning(
      `the model '${init.name}' has no weights for ${[...parts].join(', ')}: they begin at random, and are trained`,
    );
  }
  return { config: grown.config, vocabulary: init.vocabulary, parameters, drawn };
}
