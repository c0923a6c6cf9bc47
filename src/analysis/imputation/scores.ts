/** @file How well hidden entries are told: correlations, errors, and whether they are told from zeros. */

import { correlation } from '../correlation.ts';
import type { Entries } from './hidden-entries.ts';
import type { ImputedRows } from './method.ts';

/** Cells and genes with fewer hidden entries are not scored alone. */
const fewestOfCell = 10;
const fewestOfGene = 20;

/** Means over cells, over genes, and of all entries. */
export interface ImputationScores {
  readonly pearsonPerCell: number;
  readonly spearmanPerCell: number;
  /** Of hidden entries against zeros. */
  readonly aurocPerCell: number;
  /** Mean squared error, the mean of cells. */
  readonly msePerCell: number;
  /** Of all hidden entries. */
  readonly mse: number;
  /** After one slope and intercept for all entries, which takes away that zeros draw values down. */
  readonly mseAfterLinearFit: number;
  readonly pearsonPooled: number;
  readonly pearsonPerGene: number;
  readonly cells: number;
  readonly genes: number;
}

/** What is compared. */
export interface CheckedEntries {
  readonly hidden: Entries;
  /** Of the hidden entries, log-normalised. */
  readonly truth: Float64Array;
  readonly zeros: Entries;
  readonly genes: number;
}

/** A method's values of the entries that are compared. */
export interface PredictedEntries {
  readonly hidden: Float64Array;
  readonly zeros: Float64Array;
}

/** Asks a method for the entries that are compared. */
export function predictEntries(
  rows: ImputedRows,
  { hidden, zeros, genes }: CheckedEntries,
): PredictedEntries {
  const row = new Float64Array(genes);
  const predicted = {
    hidden: new Float64Array(hidden.genes.length),
    zeros: new Float64Array(zeros.genes.length),
  };
  for (let cell = 0; cell + 1 < hidden.indptr.length; cell++) {
    if (hidden.indptr[cell] === hidden.indptr[cell + 1]) continue;
    rows(cell, row);
    for (let i = hidden.indptr[cell]; i < hidden.indptr[cell + 1]; i++)
      predicted.hidden[i] = row[hidden.genes[i]];
    for (let i = zeros.indptr[cell]; i < zeros.indptr[cell + 1]; i++)
      predicted.zeros[i] = row[zeros.genes[i]];
  }
  return predicted;
}

/**
 * Scores what a method says. A correlation with constant values counts as 0.
 *
 * @param predicted of hidden entries the values; of both, what tells one from the other
 * @param detection what tells hidden entries from zeros, where that is another number than the value
 */
export function imputationScores(
  entries: CheckedEntries,
  predicted: PredictedEntries,
  detection: PredictedEntries = predicted,
): ImputationScores {
  const { hidden, truth, zeros } = entries;
  const sums = { pearson: 0, spearman: 0, auroc: 0, mse: 0 };
  let cells = 0;
  for (let cell = 0; cell + 1 < hidden.indptr.length; cell++) {
    const [start, end] = [hidden.indptr[cell], hidden.indptr[cell + 1]];
    if (end - start < fewestOfCell) continue;
    const [own, wanted] = [predicted.hidden.subarray(start, end), truth.subarray(start, end)];
    cells++;
    sums.pearson += orZero(correlation(own, wanted));
    sums.spearman += orZero(correlation(meanRanks(own), meanRanks(wanted)));
    sums.auroc += auroc(
      detection.hidden.subarray(start, end),
      detection.zeros.subarray(zeros.indptr[cell], zeros.indptr[cell + 1]),
    );
    sums.mse += meanSquaredError(own, wanted);
  }
  const line = linearFit(predicted.hidden, truth);
  const perGene = correlationsOfGenes(entries, predicted.hidden).filter((value) => !Number.isNaN(value));
  return {
    pearsonPerCell: sums.pearson / cells,
    spearmanPerCell: sums.spearman / cells,
    aurocPerCell: sums.auroc / cells,
    msePerCell: sums.mse / cells,
    mse: meanSquaredError(predicted.hidden, truth),
    mseAfterLinearFit: meanSquaredError(
      predicted.hidden.map((value) => line.intercept + line.slope * value),
      truth,
    ),
    pearsonPooled: orZero(correlation(predicted.hidden, truth)),
    pearsonPerGene: perGene.reduce((a, b) => a + b, 0) / perGene.length,
    cells,
    genes: perGene.length,
  };
}

/** Of each gene with at least 20 hidden entries; NaN of others, 0 where the prediction is constant. */
export function correlationsOfGenes(
  { hidden, truth, genes }: Pick<CheckedEntries, 'hidden' | 'truth' | 'genes'>,
  predicted: Float64Array,
): Float64Array {
  const places: number[][] = Array.from({ length: genes }, () => []);
  hidden.genes.forEach((gene, i) => {
    places[gene].push(i);
  });
  return Float64Array.from(places, (own) =>
    own.length < fewestOfGene ? Number.NaN : orZero(correlation(predicted, truth, own)),
  );
}

/** The line of least squares from predictions to the truth. */
export function linearFit(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
): { readonly slope: number; readonly intercept: number } {
  const n = predicted.length;
  const [x, y] = [meanOf(predicted), meanOf(truth)];
  let [square, product] = [0, 0];
  for (let i = 0; i < n; i++) {
    square += (predicted[i] - x) ** 2;
    product += (predicted[i] - x) * (truth[i] - y);
  }
  const slope = square > 0 ? product / square : 0;
  return { slope, intercept: y - slope * x };
}

/** Ranks from 1; equal values share their mean rank. */
export function meanRanks(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** The share of pairs in which what should be larger is; 0.5 without pairs. */
export function auroc(larger: Float64Array, smaller: Float64Array): number {
  if (larger.length === 0 || smaller.length === 0) return 0.5;
  const all = new Float64Array(larger.length + smaller.length);
  all.set(larger);
  all.set(smaller, larger.length);
  const sum = meanRanks(all)
    .subarray(0, larger.length)
    .reduce((a, b) => a + b, 0);
  return (sum - (larger.length * (larger.length + 1)) / 2) / (larger.length * smaller.length);
}

export function meanSquaredError(predicted: ArrayLike<number>, truth: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += (predicted[i] - truth[i]) ** 2;
  return sum / truth.length;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
