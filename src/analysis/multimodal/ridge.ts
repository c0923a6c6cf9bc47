/** @file Linear prediction of many features at once, with the penalty chosen on cells held out of the fit. */

import type { Points } from '../points.ts';
import { symmetricEigen } from '../symmetric-eigen.ts';

/** Predicts features of cells from their coordinates. */
export type Predictor = (points: Points) => Points;

/** Penalties tried, as shares of the mean variance of a coordinate times the cells. */
const penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/**
 * Ridge regression on centred values. Every fifth cell decides the penalty, the same for all features; the fit is then
 * made on all cells.
 *
 * @param from coordinates of the cells to learn from
 * @param to features of the same cells
 */
export function ridge(from: Points, to: Points): Predictor {
  const held = rowsWhere(from.count, (cell) => cell % 5 === 4);
  const fitted = rowsWhere(from.count, (cell) => cell % 5 !== 4);
  const scales = held.length === 0 ? [penalties[3]] : penalties;
  const part = decompose(from, to, held.length === 0 ? rowsWhere(from.count, () => true) : fitted);
  const best = scales
    .map((scale) => ({ scale, error: squaredError(predict(part, scale, from, held), to, held) }))
    .reduce((a, b) => (b.error < a.error ? b : a));
  const whole = decompose(
    from,
    to,
    rowsWhere(from.count, () => true),
  );
  return (points) => ({
    values: predict(
      whole,
      best.scale,
      points,
      rowsWhere(points.count, () => true),
    ),
    count: points.count,
    dimensions: to.dimensions,
  });
}

function rowsWhere(count: number, keep: (row: number) => boolean): number[] {
  return Array.from({ length: count }, (_, row) => row).filter(keep);
}

interface Decomposition {
  readonly fromMeans: Float64Array;
  readonly toMeans: Float64Array;
  readonly values: Float64Array;
  readonly vectors: Float64Array; // [p, p], rows
  /** Eigenvectors times X^T Y. */
  readonly projected: Float64Array; // [p, q]
  readonly unit: number;
}

function decompose(from: Points, to: Points, rows: readonly number[]): Decomposition {
  const [p, q] = [from.dimensions, to.dimensions];
  const fromMeans = meansOf(from, rows);
  const toMeans = meansOf(to, rows);
  const gram = new Float64Array(p * p);
  const cross = new Float64Array(p * q);
  const centred = new Float64Array(p);
  for (const row of rows) {
    for (let i = 0; i < p; i++) centred[i] = from.values[row * p + i] - fromMeans[i];
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < p; j++) gram[i * p + j] += centred[i] * centred[j];
      for (let j = 0; j < q; j++) cross[i * q + j] += centred[i] * (to.values[row * q + j] - toMeans[j]);
    }
  }
  const { values, vectors } = symmetricEigen(gram, p);
  const projected = new Float64Array(p * q);
  for (let e = 0; e < p; e++) {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++) projected[e * q + j] += vectors[e * p + i] * cross[i * q + j];
    }
  }
  const unit = values.reduce((sum, value) => sum + Math.max(value, 0), 0) / p || 1;
  return { fromMeans, toMeans, values, vectors, projected, unit };
}

function meansOf({ values, dimensions }: Points, rows: readonly number[]): Float64Array {
  const means = new Float64Array(dimensions);
  for (const row of rows) {
    for (let j = 0; j < dimensions; j++) means[j] += values[row * dimensions + j] / rows.length;
  }
  return means;
}

function predict(
  { fromMeans, toMeans, values, vectors, projected, unit }: Decomposition,
  scale: number,
  { values: coordinates }: Points,
  rows: readonly number[],
): Float64Array {
  const [p, q] = [fromMeans.length, toMeans.length];
  const predicted = new Float64Array(rows.length * q);
  for (const [place, row] of rows.entries()) {
    const out = predicted.subarray(place * q, (place + 1) * q);
    out.set(toMeans);
    for (let e = 0; e < p; e++) {
      let along = 0;
      for (let i = 0; i < p; i++) along += vectors[e * p + i] * (coordinates[row * p + i] - fromMeans[i]);
      const factor = along / (Math.max(values[e], 0) + scale * unit);
      for (let j = 0; j < q; j++) out[j] += factor * projected[e * q + j];
    }
  }
  return predicted;
}

function squaredError(predicted: Float64Array, to: Points, rows: readonly number[]): number {
  let sum = 0;
  for (const [place, row] of rows.entries()) {
    for (let j = 0; j < to.dimensions; j++) {
      sum += (predicted[place * to.dimensions + j] - to.values[row * to.dimensions + j]) ** 2;
    }
  }
  return sum;
}
