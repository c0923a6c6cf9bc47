/** @file A model with tokens for genes that its vocabulary lacks, learnt from the start. */

import type { ModelConfig } from '../../model/config.ts';
import { initialParameters } from '../../model/initial-parameters.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import type { StateDict, Tensor } from '../../support/tensor.ts';

/** A model's configuration, vocabulary and parameters. */
interface WithVocabulary {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  readonly parameters: StateDict;
}

const table = 'encoder.embedding.weight';

/** Adds tokens at the end of the vocabulary; their embeddings are drawn as those of a new model are. */
export function withAddedGenes(
  model: WithVocabulary,
  names: readonly string[],
  seed: number,
): WithVocabulary {
  const vocabulary = model.vocabulary.with(names);
  const added = vocabulary.size - model.vocabulary.size;
  if (added === 0) return model;
  const config = { ...model.config, vocabularySize: vocabulary.size };
  const { embeddingSize: width } = config;
  const given = model.parameters.get(table) as Tensor<'float32'>; // [vocabulary, d]
  const drawn = initialParameters({ ...config, layers: 1, vocabularySize: added }, seed).get(
    table,
  ) as Tensor<'float32'>;
  const data = new Float32Array(vocabulary.size * width);
  data.set(given.data);
  data.set(drawn.data, given.data.length);
  const grown: Tensor = { dtype: 'float32', shape: [vocabulary.size, width], data };
  return { config, vocabulary, parameters: new Map([...model.parameters, [table, grown]]) };
}
