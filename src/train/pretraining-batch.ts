/** @file Cells as generative pre-training takes them: binned, split into known and unknown genes, padded. */

import type { ModelConfig } from '../model/config.ts';
import type { ValueRows } from '../model/value-table.ts';
import type { NamedTensors } from '../runtime/executable.ts';
import type { ValueBinner } from '../single-cell/binning.ts';
import { type TokenRows, tokenRows } from '../single-cell/tokens/batch.ts';
import { tokensOf } from '../single-cell/tokens/cell-tokens.ts';
import { collateGenerative } from '../single-cell/tokens/collate.ts';
import type { ConditionRows } from '../single-cell/tokens/conditions.ts';
import { keyedDraws } from '../single-cell/tokens/draws.ts';
import type { Vocabulary } from '../single-cell/vocabulary.ts';
import { randomStream } from '../support/random.ts';
import type { Tensor } from '../support/tensor.ts';
import type { TrainingCell } from './cells/training-cells.ts';
import { conditionFeeds } from './condition-feeds.ts';

/** What batches of generative pre-training are made with. */
export interface PretrainingBatches {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  readonly binner: ValueBinner;
  readonly values: ValueRows;
  readonly seed: number;
  /** Most tokens of a cell, `<cls>` included. */
  readonly maxLength: number;
  /** Shares of unknown genes; each batch draws one. */
  readonly ratios: readonly number[];
  /** The model's conditions in each data set of the cells; default not given. */
  readonly conditions?: readonly (readonly ConditionRows[])[] | undefined; // [sources][conditions]
}

/** A batch ready for a step. */
export interface PretrainingBatch {
  readonly feeds: NamedTensors;
  readonly cells: number;
  /** Tokens that are no padding, known and unknown. */
  readonly tokens: number;
  /** Unknown ones among them: those with a value to predict. */
  readonly scored: number;
}

/**
 * Makes a batch. What is drawn, the ratio and each cell's bins, sample, split and withheld conditions, follows from the
 * seed, the round and the cells: an epoch is a round; round 0 is validation, whose splits are then the same at every look.
 *
 * @param index the batch's number in its round
 */
export function pretrainingBatch(
  cells: readonly TrainingCell[],
  batches: PretrainingBatches,
  round: number,
  index: number,
): PretrainingBatch {
  const { config, vocabulary, binner, values, seed, maxLength, ratios } = batches;
  const padding = { id: vocabulary.pad, value: config.padValue };
  const cls = { id: vocabulary.cls, value: config.padValue };
  const tokens = cells.map((cell) => tokensOf(cell.genes, cell.values, { cls, includeZeros: false }));
  const ratio = ratios[randomStream(seed, 'share of unknown genes', round, index).integer(ratios.length)];
  const { known, unknown } = collateGenerative(
    tokens,
    ratio,
    { padding, maxLength, keepFirst: 1, binner },
    (cell) => keyedDraws(seed, cells[cell].key, round),
  );
  const other = behindToken(unknown, cells.length, cls);
  const scored = realTokens(unknown.genes, vocabulary.pad);
  const keep = realTokens(known.genes, vocabulary.pad);
  const rows = (data: Tensor['data'], dtype: Tensor['dtype'], length: number): Tensor =>
    ({ dtype, shape: [cells.length, length], data }) as Tensor;
  return {
    feeds: {
      knownGenes: rows(known.genes, 'int32', known.length),
      knownValues: rows(values.rowsOf(known.values), 'int32', known.length),
      knownKeep: rows(keep, 'bool', known.length),
      unknownGenes: rows(unknown.genes, 'int32', unknown.length),
      target: rows(unknown.values, 'float32', unknown.length),
      scored: rows(scored, 'bool', unknown.length),
      otherGenes: rows(other.genes, 'int32', other.length),
      otherValues: rows(values.rowsOf(other.values), 'int32', other.length),
      otherKeep: rows(realTokens(other.genes, vocabulary.pad), 'bool', other.length),
      places: { dtype: 'int32', shape: [cells.length], data: Int32Array.from(cells.keys()) },
      ...conditionFeeds(cells, { known, unknown, other }, batches, round),
    },
    cells: cells.length,
    tokens: count(keep) + count(scored),
    scored: count(scored),
  };
}

/** Rows with one more token in front. */
function behindToken(
  { genes, values, length }: TokenRows,
  cells: number,
  first: { readonly id: number; readonly value: number },
): TokenRows {
  const rows = tokenRows(cells, length + 1);
  for (let cell = 0; cell < cells; cell++) {
    const begin = cell * rows.length;
    rows.genes[begin] = first.id;
    rows.values[begin] = first.value;
    rows.genes.set(genes.subarray(cell * length, (cell + 1) * length), begin + 1);
    rows.values.set(values.subarray(cell * length, (cell + 1) * length), begin + 1);
  }
  return rows;
}

function realTokens(genes: Int32Array, pad: number): Uint8Array {
  return Uint8Array.from(genes, (gene) => (gene === pad ? 0 : 1));
}

function count(mask: Uint8Array): number {
  return mask.reduce((total, one) => total + one, 0);
}
