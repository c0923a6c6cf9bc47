/** @file Two experts on log-normalised expression that can be saved as a few numbers: a linear one and a centroid one. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectGenes } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import { type Centroids, centroidsOf, correlations, meanProfiles } from '../classifiers/centroids.ts';
import { decisions, type LinearModel } from '../classifiers/linear-model.ts';
import { fitMultinomial } from '../classifiers/multinomial.ts';
import { type Scaling, scaleGenes, scalingOf } from '../classifiers/scaling.ts';

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
  const centroids = await meanProfiles(await scaleGenes(expression, scaling), labels, classCount);
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
  experts: ExpressionExperts,
  expression: CsrMatrix,
  present?: Uint8Array,
): Promise<ExpressionScores> {
  const { linear, scaling } = experts;
  const measured = await amongMeasured(experts, expression, present);
  return {
    linear: await linearScores(linear, expression, scaling, present),
    centroid: await correlationsOn(measured, measured.scaling),
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
  experts: ExpressionExperts,
  expression: CsrMatrix,
  present?: Uint8Array,
): Promise<Float64Array> {
  const measured = await amongMeasured(experts, expression, present);
  const few = expression.shape[0] < fewestScaled;
  return correlationsOn(measured, few ? measured.scaling : await scalingOf(measured.expression)); // [cells, classes]
}

/** Cells and class profiles over the same genes. */
interface Measured {
  readonly expression: CsrMatrix; // [cells, genes]
  readonly centroids: Centroids;
  /** The reference's. */
  readonly scaling: Scaling;
}

async function amongMeasured(
  { linear: { classCount }, centroids, scaling }: ExpressionExperts,
  expression: CsrMatrix,
  present: Uint8Array | undefined,
): Promise<Measured> {
  if (present === undefined || present.every((here) => here !== 0)) {
    return { expression, centroids: centroidsOf(centroids, classCount), scaling };
  }
  const genes = Int32Array.from(present.keys()).filter((gene) => present[gene] !== 0);
  const pick = (all: Float64Array) => all.filter((_, i) => present[i % present.length] !== 0);
  return {
    expression: await inMemory(selectGenes(expression, genes)),
    centroids: centroidsOf(pick(centroids), classCount),
    scaling: { means: pick(scaling.means), deviations: pick(scaling.deviations) },
  };
}

/** z-scores, cut off at 10, correlated with each centroid; 0 where a side does not vary. */
async function correlationsOn({ expression, centroids }: Measured, scaling: Scaling): Promise<Float64Array> {
  return correlations(centroids, await scaleGenes(expression, scaling));
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
