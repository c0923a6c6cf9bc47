/** @file A model with tokens its vocabulary lacks, such as peaks and proteins: known rows stay, new ones are drawn. */

import { Vocabulary } from '../single-cell/vocabulary.ts';
import { randomStream } from '../support/random.ts';
import type { Tensor } from '../support/tensor.ts';
import type { Model } from './folder-content.ts';

const table = 'encoder.embedding.weight';

/** As in the initial parameters: half the width of the uniform distribution of gene embeddings. */
const tokenBound = 0.1;

/** A model whose vocabulary can grow. */
type GrowingModel = Pick<Model, 'config' | 'vocabulary' | 'parameters'>;

/**
 * Adds tokens after those of the model, which keep their ids and rows. A new row follows from the seed and the token's
 * name alone, not from which others are added.
 *
 * Unlike in the reference, which copies the table and the norm's weight only, every other parameter stays as well.
 *
 * @param tokens those the vocabulary has already are passed over
 */
export function withTokens(model: GrowingModel, tokens: readonly string[], seed: number): GrowingModel {
  const added = [...new Set(tokens)].filter((token) => model.vocabulary.id(token) === undefined);
  if (added.length === 0) return model;
  const { shape, data } = model.parameters.get(table) as Tensor<'float32'>; // [vocabulary, d]
  const [rows, width] = shape;
  const grown = new Float32Array((rows + added.length) * width);
  grown.set(data);
  for (const [place, token] of added.entries()) {
    const random = randomStream(seed, 'new token', token);
    const start = (rows + place) * width;
    for (let i = start; i < start + width; i++) grown[i] = tokenBound * (2 * random.uniform() - 1);
  }
  const vocabularySize = rows + added.length;
  return {
    config: { ...model.config, vocabularySize },
    vocabulary: Vocabulary.fromTokens([...model.vocabulary.tokens, ...added], model.vocabulary.source),
    parameters: new Map(model.parameters).set(table, {
      dtype: 'float32',
      shape: [vocabularySize, width],
      data: grown,
    }),
  };
}
