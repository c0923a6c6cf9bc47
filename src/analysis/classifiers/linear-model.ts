/** @file Linear models of classes with an L2 penalty, fitted to any smooth convex loss of their scores. */

import type { SparseRows } from '../../single-cell/matrix.ts';
import { UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { columnMoments, entriesOf, type Features, multiply, multiplyTransposed } from './features.ts';
import { minimise, type Objective } from './lbfgs.ts';

/** Scores of classes are features x coefficients + intercepts. */
export interface LinearModel {
  readonly coefficients: Float64Array; // [features, classes]
  readonly intercepts: Float64Array; // [classes]
  readonly classCount: number;
}

/** The loss of one row: replaces its scores, `start` .. `end` - 1, by the loss's slopes along them. */
export type RowLoss = (scores: Float64Array, start: number, end: number, label: number) => number;

export interface LinearFit {
  readonly loss: RowLoss;
  /** Factor of half the squared coefficients. */
  readonly penalty: number;
  /** Factor of each row's loss; all 1 when null. */
  readonly rowWeights: Float64Array | null;
  /** Names the work in progress reports. */
  readonly stage: string;
}

/** Of the summed loss, in units of its curvature; from there on probabilities change by about 1e-3 at most. */
const gradientTolerance = 3e-4;
const mostIterations = 2000;
/** Share of rows near the border of a class, in a fit that is nearly done; only speed hangs on it. */
const typicalCurvature = 0.003;

/**
 * Minimises sum of weight * loss + penalty * |coefficients|^2 / 2.
 *
 * @param labels of the rows, 0 .. `classCount` - 1
 * @throws CancelledError when the control's signal is aborted
 */
export async function fitLinearModel(
  features: Features,
  labels: Int32Array,
  classCount: number,
  fit: LinearFit,
  control?: RunControl,
): Promise<LinearModel> {
  const entries = await entriesOf(features);
  const coordinates = coordinatesOf(entries, fit.penalty);
  const { place } = await minimise(
    meanLoss(entries, labels, classCount, fit, coordinates),
    new Float64Array((entries.columnCount + 1) * classCount),
    { stage: fit.stage, tolerance: gradientTolerance / entries.rowCount, iterations: mostIterations },
    control,
  );
  return modelAt(place, entries.columnCount, classCount, coordinates);
}

/** Scores of classes. */
export async function decisions(model: LinearModel, features: Features): Promise<Float64Array> {
  const entries = await entriesOf(features);
  const { classCount, coefficients, intercepts } = model;
  const scores = new Float64Array(entries.rowCount * classCount);
  multiply(entries, coefficients, classCount, scores);
  for (let i = 0; i < scores.length; i++) scores[i] += intercepts[i % classCount];
  return scores; // [rows, classes]
}

/** Factors that make every class with rows weigh as much as any other, and 1 on average. */
export function balancedWeights(labels: Int32Array, classCount: number): Float64Array {
  const sizes = new Int32Array(classCount);
  for (const label of labels) sizes[label]++;
  const present = sizes.filter((size) => size > 0).length;
  return Float64Array.from(labels, (label) => labels.length / (present * sizes[label]));
}

/** @throws UsageError when `C`, the inverse strength of a penalty, is not positive */
export function checkStrength(C: number): void {
  if (C > 0) return;
  throw new UsageError({ what: `C is ${C}`, expected: 'a positive number', reason: 'regularisation' });
}

/**
 * Coordinates in which the optimum is found in fewer steps: features centred, which intercepts make up for, and
 * coefficients in units of how curved the loss is along them.
 */
interface Coordinates {
  readonly means: Float64Array; // [columns]
  readonly units: Float64Array; // [columns]
}

function coordinatesOf(entries: SparseRows, penalty: number): Coordinates {
  const { means, variances } = columnMoments(entries);
  const scale = typicalCurvature * entries.rowCount;
  return { means, units: variances.map((variance) => 1 / Math.sqrt(penalty + scale * variance)) };
}

/** The objective over the number of rows, of coefficients in the coordinates followed by intercepts. */
function meanLoss(
  entries: SparseRows,
  labels: Int32Array,
  classCount: number,
  { loss, penalty, rowWeights }: LinearFit,
  coordinates: Coordinates,
): Objective {
  const { rowCount, columnCount } = entries;
  const { means, units } = coordinates;
  const slopes = new Float64Array(rowCount * classCount);
  return (place, gradient) => {
    const { coefficients, intercepts } = modelAt(place, columnCount, classCount, coordinates);
    multiply(entries, coefficients, classCount, slopes);
    let total = 0;
    const sums = new Float64Array(classCount);
    for (let row = 0; row < rowCount; row++) {
      const start = row * classCount;
      for (let k = 0; k < classCount; k++) slopes[start + k] += intercepts[k];
      const weight = rowWeights === null ? 1 : rowWeights[row];
      total += weight * loss(slopes, start, start + classCount, labels[row]);
      for (let k = 0; k < classCount; k++) {
        slopes[start + k] *= weight;
        sums[k] += slopes[start + k];
      }
    }
    multiplyTransposed(entries, slopes, classCount, gradient);
    let square = 0;
    for (let column = 0; column < columnCount; column++) {
      for (let k = 0; k < classCount; k++) {
        const i = column * classCount + k;
        square += coefficients[i] * coefficients[i];
        const slope = gradient[i] - means[column] * sums[k] + penalty * coefficients[i];
        gradient[i] = (slope * units[column]) / rowCount;
      }
    }
    for (let k = 0; k < classCount; k++) gradient[columnCount * classCount + k] = sums[k] / rowCount;
    return (total + (penalty * square) / 2) / rowCount;
  };
}

/** The model that a place in the coordinates stands for. */
function modelAt(
  place: Float64Array,
  columnCount: number,
  classCount: number,
  { means, units }: Coordinates,
): LinearModel {
  const coefficients = new Float64Array(columnCount * classCount);
  const intercepts = place.slice(columnCount * classCount);
  for (let column = 0; column < columnCount; column++) {
    for (let k = 0; k < classCount; k++) {
      const coefficient = place[column * classCount + k] * units[column];
      coefficients[column * classCount + k] = coefficient;
      intercepts[k] -= means[column] * coefficient;
    }
  }
  return { coefficients, intercepts, classCount };
}
