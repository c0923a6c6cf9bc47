/** @file Batches as training reads them: binned, sampled, padded and masked anew in every round. */

import { UsageError } from '../../support/errors.ts';
import type { ValueBinner } from '../binning.ts';
import { fillRows, longest, type Padding, type TokenRows, tokenRows } from './batch.ts';
import { type CellTokens, sampleTokens } from './cell-tokens.ts';
import type { CellDraws } from './draws.ts';
import { maskByChance } from './masking.ts';

/** What all ways of collating need. */
export interface CollateOptions {
  readonly padding: Padding;
  /** The most tokens of a row. */
  readonly maxLength: number;
  /** Leading tokens that are never binned, sampled away or split: 1 for `<cls>`. */
  readonly keepFirst: number;
  /** Bins the cell's values, or null when they are to stay. */
  readonly binner: ValueBinner | null;
}

/** What {@link collate} needs beside. */
export interface MaskedCollateOptions extends CollateOptions {
  /** Cells that are too long are sampled, or lose their last tokens. */
  readonly tooLong: 'sample' | 'truncate';
  /** Each value's probability to be hidden, as {@link maskByChance} does it; null hides none. */
  readonly mask: { readonly ratio: number; readonly value: number; readonly protectFirst: number } | null;
}

/** The draws of each cell of a batch, by its position. */
export type DrawsOfCell = (cell: number) => CellDraws;

/** A batch with its values hidden in part; without masking `masked` are the values. */
export interface MaskedRows extends TokenRows {
  readonly masked: Float32Array; // [cells, length]
}

/**
 * One batch of whole cells, in the order bin, sample, pad, mask. The cells given stay as they are.
 *
 * With `protectFirst` equal to `keepFirst` this is the release's collator. The pretraining branch has the same
 * one for its style `pcpt`, but spares `keepFirst` tokens more (so that the first gene is never hidden), and,
 * unmasked, for its style `gen`.
 */
export function collate(
  cells: readonly CellTokens[],
  options: MaskedCollateOptions,
  drawsOf: DrawsOfCell,
): MaskedRows {
  const { padding, maxLength, keepFirst, tooLong, mask } = options;
  checkLengths(options);
  const draws = cells.map((_, cell) => drawsOf(cell));
  const ready = cells.map((cell, i) => {
    const binned = binGenes(cell, options, draws[i]);
    return tooLong === 'sample'
      ? sampleTokens(binned, keepFirst, maxLength, draws[i])
      : { genes: binned.genes.slice(0, maxLength), values: binned.values.slice(0, maxLength) };
  });
  const rows = paddedRows(ready, longest(ready), padding);
  if (mask === null) return { ...rows, masked: rows.values };

  const masked = new Float32Array(rows.values.length);
  const masking = { ...mask, padValue: padding.value };
  for (let row = 0; row < cells.length; row++) {
    const values = rows.values.subarray(row * rows.length, (row + 1) * rows.length);
    masked.set(maskByChance(values, masking, draws[row]), row * rows.length);
  }
  return { ...rows, masked };
}

/** A batch whose genes are split in two: those the model sees with their values, and those it is to generate. */
export interface GenerativeRows {
  readonly known: TokenRows; // [cells, known length], `<cls>` first
  readonly unknown: TokenRows; // [cells, unknown length], values are the targets
}

/**
 * One batch for generative pretraining (paper, "Generative pretraining"): each cell's genes are split at random,
 * floor(n * ratio) unknown and the rest known, and each part is sampled or padded to its share of the length.
 *
 * @param ratio the unknown share, one for the whole batch; the published models drew it from 0.25, 0.5, 0.75
 */
export function collateGenerative(
  cells: readonly CellTokens[],
  ratio: number,
  options: CollateOptions,
  drawsOf: DrawsOfCell,
): GenerativeRows {
  const { padding, maxLength, keepFirst } = options;
  checkLengths(options);
  if (!(ratio > 0 && ratio < 1)) {
    throw new UsageError({
      what: `the share of genes to generate is ${ratio}`,
      expected: 'a number between 0 and 1',
      reason: 'mask_ratio',
    });
  }
  const length = Math.min(maxLength, longest(cells));
  const unknownLength = Math.floor((length - keepFirst) * ratio);
  const knownLength = length - unknownLength;
  const leading = Array.from({ length: keepFirst }, (_, place) => place);
  const known: CellTokens[] = [];
  const unknown: CellTokens[] = [];
  for (let i = 0; i < cells.length; i++) {
    const draws = drawsOf(i);
    const cell = binGenes(cells[i], options, draws);
    const order = Array.from(draws.permutation(cell.genes.length - keepFirst), (place) => keepFirst + place);
    const unknownCount = Math.floor(order.length * ratio);
    const knownPart = pick(cell, [...leading, ...order.slice(unknownCount)]);
    const unknownPart = pick(cell, order.slice(0, unknownCount));
    known.push(sampleTokens(knownPart, keepFirst, knownLength, draws));
    unknown.push(sampleTokens(unknownPart, keepFirst, unknownLength, draws));
  }
  return {
    known: paddedRows(known, knownLength, padding),
    unknown: paddedRows(unknown, unknownLength, padding),
  };
}

/** The cell with its values binned, all but those of the leading tokens. */
function binGenes(cell: CellTokens, { binner, keepFirst }: CollateOptions, draws: CellDraws): CellTokens {
  if (binner === null) return cell;
  const values = cell.values.slice();
  binner.bin(values.subarray(keepFirst), values.subarray(keepFirst), draws.uniform);
  return { genes: cell.genes, values };
}

function pick(cell: CellTokens, places: readonly number[]): CellTokens {
  return {
    genes: Int32Array.from(places, (place) => cell.genes[place]),
    values: Float32Array.from(places, (place) => cell.values[place]),
  };
}

function paddedRows(cells: readonly CellTokens[], length: number, padding: Padding): TokenRows {
  const rows = tokenRows(cells.length, length);
  fillRows(rows, cells, padding);
  return rows;
}

function checkLengths({ keepFirst, maxLength }: CollateOptions): void {
  if (Number.isInteger(keepFirst) && keepFirst >= 0 && keepFirst <= maxLength) return;
  throw new UsageError({
    what: `${keepFirst} tokens are to be kept of at most ${maxLength}`,
    expected: `a whole number from 0 to ${maxLength}`,
    reason: 'keep_first',
  });
}
