/** @file Cells as fine-tuning takes them: binned over the panel, sampled, padded, in part hidden, with batch and label. */

import type { ModelConfig } from '../model/config.ts';
import type { ValueRows } from '../model/value-table.ts';
import type { NamedTensors } from '../runtime/executable.ts';
import type { ValueBinner } from '../single-cell/binning.ts';
import type { TokenRows } from '../single-cell/tokens/batch.ts';
import { tokensOf } from '../single-cell/tokens/cell-tokens.ts';
import { collate, type MaskedRows } from '../single-cell/tokens/collate.ts';
import { keyedDraws } from '../single-cell/tokens/draws.ts';
import type { Vocabulary } from '../single-cell/vocabulary.ts';
import type { Tensor } from '../support/tensor.ts';
import type { TrainingCell } from './cells/training-cells.ts';

/** What batches of fine-tuning are made with. */
export interface FineTuningBatches {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  /** Null where cells come binned. */
  readonly binner: ValueBinner | null;
  readonly values: ValueRows;
  readonly seed: number;
  /** Most tokens of a cell, `<cls>` included. */
  readonly maxLength: number;
  /** Value at `<cls>`: 0 in the published fine-tuning, the padding value in pre-training and embedding. */
  readonly clsValue: number;
  /** Each value's probability to be hidden; 0 hides none. */
  readonly maskRatio: number;
  /** The batch of a cell by its number among the batches, where the model knows batches. */
  readonly batchOf?: ((cell: TrainingCell) => number) | undefined;
  /** The class of a cell, where classes are learnt. */
  readonly labelOf?: ((cell: TrainingCell) => number) | undefined;
  /** The modality of each token, where the model knows modalities. */
  readonly modalities?: Int32Array | undefined; // [vocabulary]
}

/** A batch ready for a step. */
export interface FineTuningBatch {
  readonly feeds: NamedTensors;
  readonly cells: number;
  /** Tokens that are no padding. */
  readonly tokens: number;
  /** Hidden ones among them: those with a value to predict. */
  readonly scored: number;
}

/**
 * Makes a batch. What is drawn, each cell's bins, sample and hidden values, follows from the seed, the round and the
 * cell's content: an epoch is a round, round 0 is validation.
 *
 * Whether genes with value 0 are tokens is up to the cells: `includeZeros` of `TrainingCells`.
 */
export function fineTuningBatch(
  cells: readonly TrainingCell[],
  batches: FineTuningBatches,
  round: number,
): FineTuningBatch {
  const { config, vocabulary, values, maskRatio, batchOf, labelOf, modalities } = batches;
  const rows = rowsOf(cells, batches, round, maskRatio);
  const keep = realTokens(rows, vocabulary.pad);
  const masked = Uint8Array.from(rows.masked, (value, place) =>
    keep[place] === 1 && value !== rows.values[place] && value === config.maskValue ? 1 : 0,
  );
  const shape = [cells.length, rows.length];
  const ofCells = (code: (cell: TrainingCell) => number): Tensor => ({
    dtype: 'int32',
    shape: [cells.length],
    data: Int32Array.from(cells, code),
  });
  return {
    feeds: {
      genes: { dtype: 'int32', shape, data: rows.genes },
      values: { dtype: 'int32', shape, data: values.rowsOf(rows.masked) },
      target: { dtype: 'float32', shape, data: rows.values },
      masked: { dtype: 'bool', shape, data: masked },
      keep: { dtype: 'bool', shape, data: keep },
      places: { dtype: 'int32', shape: [cells.length], data: Int32Array.from(cells.keys()) },
      ...(batchOf === undefined ? {} : { batch: ofCells(batchOf) }),
      ...(labelOf === undefined ? {} : { labels: ofCells(labelOf) }),
      ...(modalities === undefined
        ? {}
        : { modalities: { dtype: 'int32', shape, data: rows.genes.map((token) => modalities[token]) } }),
    },
    cells: cells.length,
    tokens: count(keep),
    scored: count(masked),
  };
}

function rowsOf(
  cells: readonly TrainingCell[],
  { config, vocabulary, binner, seed, maxLength, clsValue }: FineTuningBatches,
  round: number,
  ratio: number,
): MaskedRows {
  const cls = { id: vocabulary.cls, value: clsValue };
  return collate(
    cells.map(({ genes, values }) => tokensOf(genes, values, { cls, includeZeros: true })),
    {
      padding: { id: vocabulary.pad, value: config.padValue },
      maxLength,
      keepFirst: 1,
      binner,
      tooLong: 'sample',
      mask: ratio === 0 ? null : { ratio, value: config.maskValue, protectFirst: 1 },
    },
    (cell) => keyedDraws(seed, cells[cell].key, round),
  );
}

function realTokens({ genes }: TokenRows, pad: number): Uint8Array {
  return Uint8Array.from(genes, (gene) => (gene === pad ? 0 : 1));
}

function count(mask: Uint8Array): number {
  return mask.reduce((total, one) => total + one, 0);
}
