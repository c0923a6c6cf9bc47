/** @file A vocabulary of only the tokens that occur, and the rows of the gene embedding they have in the whole one. */

import type { ModelConfig } from '../model/config.ts';
import { specialTokens, Vocabulary } from '../single-cell/vocabulary.ts';
import type { StateDict, Tensor } from '../support/tensor.ts';

/** Part of a vocabulary. */
export interface CompactVocabulary {
  readonly vocabulary: Vocabulary;
  /** The id in the whole vocabulary of each token here. */
  readonly rows: Int32Array;
  /** Ids of the whole vocabulary as ids here; -1, and tokens that are not here, give -1. */
  translate(ids: Int32Array): Int32Array;
}

/** The parameter that has one row for each token. */
const table = 'encoder.embedding.weight';

/**
 * The tokens that occur in the data, and the special ones, in the order of the whole vocabulary.
 *
 * Training with them alone gives what training with all would give: rows of other tokens have no gradient, and Adam
 * without weight decay leaves them as they are. It saves their memory and the time to update them.
 *
 * @param used ids of the whole vocabulary, in any order
 */
export function compactVocabulary(whole: Vocabulary, used: Iterable<number>): CompactVocabulary {
  const kept = new Set<number>(used);
  for (const token of Object.values(specialTokens)) {
    const id = whole.id(token);
    if (id !== undefined) kept.add(id);
  }
  const rows = Int32Array.from(kept).sort();
  const vocabulary = Vocabulary.fromTokens(
    Array.from(rows, (id) => whole.tokens[id]),
    whole.source,
  );
  const compactId = new Map(Array.from(rows, (id, row) => [id, row]));
  return { vocabulary, rows, translate: (ids) => ids.map((id) => compactId.get(id) ?? -1) };
}

/** A model reduced to those tokens. */
export function reduceModel(
  config: ModelConfig,
  parameters: StateDict,
  { rows }: CompactVocabulary,
): { readonly config: ModelConfig; readonly parameters: StateDict } {
  const reduced = new Map(parameters);
  const { shape, data } = parameters.get(table) as Tensor<'float32'>; // [vocabulary, d]
  const width = shape[1];
  const part = new Float32Array(rows.length * width);
  for (const [row, id] of rows.entries()) part.set(data.subarray(id * width, (id + 1) * width), row * width);
  reduced.set(table, { dtype: 'float32', shape: [rows.length, width], data: part });
  return { config: { ...config, vocabularySize: rows.length }, parameters: reduced };
}

/** The whole model with trained values in the place of its own: every row that was not trained is what it was. */
export function restoreModel(whole: StateDict, trained: StateDict, { rows }: CompactVocabulary): StateDict {
  const restored = new Map(trained);
  const { dtype, shape, data } = whole.get(table) as Tensor<'float32'>;
  const full = data.slice();
  const part = trained.get(table) as Tensor<'float32'>; // [rows, d]
  const width = shape[1];
  for (const [row, id] of rows.entries()) {
    full.set(part.data.subarray(row * width, (row + 1) * width), id * width);
  }
  restored.set(table, { dtype, shape, data: full });
  return restored;
}
