/** @file Predicts one modality from the other, and tells on held-out cells whether the model helped. */

import { correlation } from '../../analysis/correlation.ts';
import { joined } from '../../analysis/integration/joined.ts';
import { nearestTo } from '../../analysis/multimodal/nearest-to.ts';
import { ridge } from '../../analysis/multimodal/ridge.ts';
import { finiteRows, type Points, takeRows } from '../../analysis/points.ts';
import { type PreparedModality, spokenName } from './modality.ts';

/** How well a method predicts held-out cells. */
export interface ImputationScore {
  readonly method: string;
  /** Mean over features of the correlation of predicted with measured values over held-out cells. */
  readonly correlation: number;
  /** Share of the features' variance that is explained, over all of them. */
  readonly explained: number;
}

/** A modality as predicted from the other. */
export interface Imputation {
  /** Best first. */
  readonly scores: readonly ImputationScore[];
  /** The features that are predicted: those the model reads. */
  readonly features: readonly string[];
  /** By the best method, of every cell that has the modality it is predicted from; NaN for others. */
  readonly predicted: Points; // [cells, features]
  readonly method: string;
  readonly heldOut: number;
}

/** What prediction is from. */
export interface ImputationInput {
  readonly from: PreparedModality;
  readonly to: PreparedModality;
  /** Cell embeddings by `from` alone, of a model trained without the held-out cells. */
  readonly embedded: Points; // [cells, d]
  readonly heldOut: Int32Array;
}

/** Fewer held-out cells tell nothing. */
const fewestHeldOut = 10;
const neighbourCount = 15;

/**
 * Fits on cells that have both modalities and were not held out: ridge regression on components, the mean of the 15
 * nearest cells, and ridge regression on components beside the model's embedding.
 *
 * @param values see {@link measuredValues}
 * @returns null where too few held-out cells have both
 */
export function predictModality(
  { from, to, embedded, heldOut }: ImputationInput,
  values: Points,
): Imputation | null {
  const measuredAt = new Map(Array.from(to.members, (cell, place) => [cell, place]));
  const hasPlace = new Set(finiteRows(embedded));
  const known = from.members.filter((cell) => hasPlace.has(cell));
  const held = new Set(heldOut);
  const both = known.filter((cell) => measuredAt.has(cell));
  const tested = both.filter((cell) => held.has(cell));
  const fitted = both.filter((cell) => !held.has(cell));
  if (tested.length < fewestHeldOut || fitted.length < fewestHeldOut) return null;
  const measured = (cells: Int32Array) =>
    takeRows(
      values,
      cells.map((cell) => measuredAt.get(cell) ?? 0),
    );
  const components = takeRows(from.points, known);
  const place = new Map(Array.from(known, (cell, i) => [cell, i]));
  const rowsOf = (points: Points, cells: Int32Array) =>
    takeRows(
      points,
      cells.map((cell) => place.get(cell) ?? 0),
    );
  const beside = joined([components, 1], [takeRows(embedded, known), 1]);
  const target = measured(fitted);
  const linear = ridge(rowsOf(components, fitted), target);
  const withModel = ridge(rowsOf(beside, fitted), target);
  const name = spokenName(from.name);
  const methods: readonly (readonly [string, (cells: Int32Array) => Points])[] = [
    [`scGPT: ridge on ${name} components and cell embedding`, (cells) => withModel(rowsOf(beside, cells))],
    [`ridge on ${name} components`, (cells) => linear(rowsOf(components, cells))],
    [
      `mean of ${neighbourCount} nearest cells by ${name}`,
      (cells) => nearestTo(rowsOf(components, cells), rowsOf(components, fitted), target, neighbourCount),
    ],
  ];
  const truth = measured(tested);
  const judged = methods
    .map(([method, predict]) => ({ method, predict, ...scoreOf(predict(tested), truth) }))
    .sort((a, b) => b.correlation - a.correlation);
  const predicted = new Float32Array(from.points.count * values.dimensions).fill(Number.NaN);
  const ofAll = judged[0].predict(known);
  known.forEach((cell, i) => {
    const start = i * values.dimensions;
    predicted.set(ofAll.values.subarray(start, start + values.dimensions), cell * values.dimensions);
  });
  return {
    scores: judged.map(({ method, correlation: mean, explained }) => ({
      method,
      correlation: mean,
      explained,
    })),
    features: to.features,
    predicted: { values: predicted, count: from.points.count, dimensions: values.dimensions },
    method: judged[0].method,
    heldOut: tested.length,
  };
}

/**
 * What is predicted: log-normalised genes, presence of the peaks that the model reads; log-ratios of proteins, or
 * ln(1 + count) where it does not read them all.
 */
export async function measuredValues({ kind, given, values }: PreparedModality): Promise<Points> {
  const [count, dimensions] = given.shape;
  const ready = kind !== 'peaks' && values.shape[1] === dimensions;
  const block = await (ready ? values : given).rows(0, count);
  const shown = (value: number): number => {
    if (ready) return value;
    return kind === 'peaks' ? Math.sign(value) : Math.log1p(value);
  };
  const dense = new Float32Array(count * dimensions);
  for (let row = 0; row < count; row++) {
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
      dense[row * dimensions + block.indices[i]] = shown(block.values[i]);
    }
  }
  return { values: dense, count, dimensions };
}

function scoreOf(predicted: Points, truth: Points): { correlation: number; explained: number } {
  const { count, dimensions } = truth;
  let [residual, total] = [0, 0];
  const found: number[] = [];
  for (let j = 0; j < dimensions; j++) {
    const column = ({ values }: Points) =>
      Float64Array.from({ length: count }, (_, row) => values[row * dimensions + j]);
    const [a, b] = [column(predicted), column(truth)];
    const mean = b.reduce((sum, value) => sum + value, 0) / count;
    for (let i = 0; i < count; i++) {
      residual += (a[i] - b[i]) ** 2;
      total += (b[i] - mean) ** 2;
    }
    const r = correlation(a, b);
    if (b.some((value) => value !== b[0])) found.push(Number.isFinite(r) ? r : 0); // a constant prediction tells nothing
  }
  return {
    correlation: found.reduce((sum, r) => sum + r, 0) / Math.max(1, found.length),
    explained: total > 0 ? 1 - residual / total : 0,
  };
}
