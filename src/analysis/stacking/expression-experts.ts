/** @file Two experts on log-normalised expression that can be saved as a few numbers: a linear one and a centroid one. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';
import type { RunControl } from '../../support/progress.ts';
import { entriesOf } from '../classifiers/features.ts';
import { decisions, type LinearModel } from '../classifiers/linear-model.ts';
import { fitMultinomial } from '../classifiers/multinomial.ts';
import { type Scaling, scalingOf } from '../classifiers/scaling.ts';

/** What both experts have learnt. */
export interface ExpressionExperts {
  /** Multinomial logistic regression on log values, C = 1. */
  readonly linear: LinearModel;
  /** Means of every class's z-scores. */
  readonly centroids: Float64Array; // [classes, genes]
  /** Of the reference's cells; queries are z-scored by it too. */
  readonly scaling: Scaling;
}

/** What both experts say. */
export interface ExpressionScores {
  /** Log probabilities. */
  readonly linear: Float64Array; // [cells, classes]
  /** Pearson correlations with the centroids. */
  readonly centroid: Float64Array; // [cells, classes]
}

/** z-scores are cut off here, as scanpy and Seurat advise. */
const limit = 10;

/**
 * Fits both to a reference.
 *
 * @param labels of the cells, 0 .. classCount - 1; a class may have no cell
 */
export async function fitExpressionExperts(
  expression: CsrMatrix,
  labels: Int32Array,
  classCount: number,
  control?: RunControl,
): Promise<ExpressionExperts> {
  const scaling = await scalingOf(expression);
  const entries = await entriesOf(expression);
  const genes = expression.shape[1];
  const centroids = new Float64Array(classCount * genes);
  const sizes = new Int32Array(classCount);
  const row = new Float64Array(genes);
  for (let cell = 0; cell < entries.rowCount; cell++) {
    zScores(entries, cell, scaling, row);
    const first = labels[cell] * genes;
    for (let gene = 0; gene < genes; gene++) centroids[first + gene] += row[gene];
    sizes[labels[cell]]++;
  }
  for (let i = 0; i < centroids.length; i++) centroids[i] /= Math.max(1, sizes[Math.floor(i / genes)]);
  const linear = await fitMultinomial(expression, labels, classCount, {}, control);
  return { linear, centroids, scaling };
}

/**
 * Scores cells over the same genes.
 *
 * @param present genes that the cells were measured on: for others the linear expert is given the reference's mean, and
 *   the centroid expert leaves them out. Default all
 */
export async function expressionScores(
  { linear, centroids, scaling }: ExpressionExperts,
  expression: CsrMatrix,
  present?: Uint8Array,
): Promise<ExpressionScores> {
  const entries = await entriesOf(expression);
  return {
    linear: await linearScores(linear, expression, scaling, present),
    centroid: correlations(entries, centroids, scaling, present),
  };
}

/** In fewer cells, means and deviations of genes are their types' more than their technology's. */
const fewestScaled = 50;

/**
 * Correlations of cells that are z-scored on themselves, which takes out what one technology measures higher than
 * another. Worse than those above for telling types apart, as they depend on which types are there; better for telling
 * cells that are none of them. Of fewer than 50 cells, those above.
 */
export async function ownCorrelations(
  { centroids, scaling }: ExpressionExperts,
  expression: CsrMatrix,
  present?: Uint8Array,
): Promise<Float64Array> {
  const own = expression.shape[0] < fewestScaled ? scaling : await scalingOf(expression);
  return correlations(await entriesOf(expression), centroids, own, present); // [cells, classes]
}

async function linearScores(
  model: LinearModel,
  expression: CsrMatrix,
  { means }: Scaling,
  present: Uint8Array | undefined,
): Promise<Float64Array> {
  const { classCount, coefficients } = model;
  const intercepts = model.intercepts.slice();
  present?.forEach((here, gene) => {
    if (here !== 0) return;
    for (let k = 0; k < classCount; k++) intercepts[k] += means[gene] * coefficients[gene * classCount + k];
  });
  const scores = await decisions({ ...model, intercepts }, expression);
  for (let first = 0; first < scores.length; first += classCount) {
    const row = scores.subarray(first, first + classCount);
    const highest = row.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
    const sum = row.reduce((total, score) => total + Math.exp(score - highest), 0);
    for (let k = 0; k < classCount; k++) row[k] -= highest + Math.log(sum);
  }
  return scores;
}

/** Pearson correlation of each cell's z-scores with each centroid; 0 where a side does not vary. */
function correlations(
  entries: SparseRows,
  centroids: Float64Array,
  scaling: Scaling,
  present: Uint8Array | undefined,
): Float64Array {
  const genes = entries.columnCount;
  const kept = Int32Array.from({ length: genes }, (_, gene) => gene).filter(
    (gene) => present === undefined || present[gene] !== 0,
  );
  const classCount = centroids.length / genes;
  const unit = new Float64Array(classCount * kept.length);
  for (let k = 0; k < classCount; k++) {
    const row = unit.subarray(k * kept.length, (k + 1) * kept.length);
    kept.forEach((gene, i) => {
      row[i] = centroids[k * genes + gene];
    });
    centreToUnit(row);
  }
  const result = new Float64Array(entries.rowCount * classCount);
  const all = new Float64Array(genes);
  const row = new Float64Array(kept.length);
  for (let cell = 0; cell < entries.rowCount; cell++) {
    zScores(entries, cell, scaling, all);
    for (let i = 0; i < kept.length; i++) row[i] = all[kept[i]];
    centreToUnit(row);
    for (let k = 0; k < classCount; k++) {
      let product = 0;
      const first = k * kept.length;
      for (let i = 0; i < kept.length; i++) product += row[i] * unit[first + i];
      result[cell * classCount + k] = product;
    }
  }
  return result; // [cells, classes]
}

/** Takes off the mean and scales to length 1, in place; zeros where nothing varies. */
function centreToUnit(row: Float64Array): void {
  let mean = 0;
  for (const value of row) mean += value / row.length;
  let square = 0;
  for (let i = 0; i < row.length; i++) {
    row[i] -= mean;
    square += row[i] * row[i];
  }
  const scale = square > 1e-20 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < row.length; i++) row[i] *= scale;
}

function zScores(
  { indptr, indices, values }: SparseRows,
  cell: number,
  { means, deviations }: Scaling,
  out: Float64Array,
): void {
  out.fill(0);
  for (let i = indptr[cell]; i < indptr[cell + 1]; i++) out[indices[i]] = values[i];
  for (let gene = 0; gene < out.length; gene++) {
    const score = (out[gene] - means[gene]) / deviations[gene];
    out[gene] = Math.min(limit, Math.max(-limit, score));
  }
}
