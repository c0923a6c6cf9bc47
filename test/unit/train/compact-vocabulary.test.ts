/** @file A vocabulary of the tokens that occur: its rows out of the whole table, and back. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { Vocabulary } from '../../../src/single-cell/vocabulary.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { compactVocabulary, reduceModel, restoreModel } from '../../../src/train/compact-vocabulary.ts';

const tokens = ['A', '<cls>', 'B', 'C', 'D', '<pad>', 'E', '<eoc>', 'F'];
const whole = Vocabulary.fromTokens(tokens);
const config = modelConfig({
  vocabularySize: tokens.length,
  embeddingSize: 4,
  heads: 1,
  hiddenSize: 4,
  layers: 1,
});
const table = 'encoder.embedding.weight';
const rowsOf = (parameters: StateDict): number[][] => {
  const { shape, data } = parameters.get(table) as Tensor<'float32'>;
  return Array.from({ length: shape[0] }, (_, row) => [...data.subarray(4 * row, 4 * row + 4)]);
};

describe('compactVocabulary', () => {
  const compact = compactVocabulary(whole, [6, 2, 2]);

  it('has the tokens that occur and the special ones, in the order of the whole', () => {
    expect(compact.vocabulary.tokens).toEqual(['<cls>', 'B', '<pad>', 'E', '<eoc>']);
    expect([...compact.rows]).toEqual([1, 2, 5, 6, 7]);
  });

  it('translates ids, and those it has not to -1', () => {
    expect([...compact.translate(Int32Array.of(2, 0, -1, 7, 1))]).toEqual([1, -1, -1, 4, 0]);
  });

  it('reduces a model to their rows', () => {
    const parameters = initialParameters(config, 1);
    const reduced = reduceModel(config, parameters, compact);
    expect(reduced.config).toEqual({ ...config, vocabularySize: 5 });
    expect(rowsOf(reduced.parameters)).toEqual([1, 2, 5, 6, 7].map((row) => rowsOf(parameters)[row]));
    for (const [name, tensor] of parameters) {
      if (name !== table) expect(reduced.parameters.get(name)).toBe(tensor);
    }
  });

  it('restores the whole model with trained rows in their places and all others as they were', () => {
    const parameters = initialParameters(config, 1);
    const before = rowsOf(parameters);
    const trained = initialParameters({ ...config, vocabularySize: 5 }, 2);
    const restored = restoreModel(parameters, trained, compact);
    const expected = before.map((row, id) => {
      const place = [...compact.rows].indexOf(id);
      return place < 0 ? row : rowsOf(trained)[place];
    });
    expect(rowsOf(restored)).toEqual(expected);
    expect(rowsOf(parameters)).toEqual(before);
    for (const [name, tensor] of trained) if (name !== table) expect(restored.get(name)).toBe(tensor);
  });
});
