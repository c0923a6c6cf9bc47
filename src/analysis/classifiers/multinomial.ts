/** @file Multinomial logistic regression with an L2 penalty, on features of any kind. */

import type { SparseRows } from '../../single-cell/matrix.ts';
import { UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { columnMoments, entriesOf, type Features, multiply, multiplyTransposed } from './features.ts';
import { minimise, type Objective } from './lbfgs.ts';

export interface MultinomialOptions {
  /** Inverse strength of the penalty. Default 1, scikit-learn's. */
  readonly C?: number | undefined;
  /** `balanced`: every class weighs as much as any other, whatever its cells. Default `none`. */
  readonly weights?: 'none' | 'balanced' | undefined;
}

/** A linear model: scores of classes are features x coefficients + intercepts. */
export interface LinearModel {
  readonly coefficients: Float64Array; // [features, classes]
  readonly intercepts: Float64Array; // [classes]
  readonly classCount: number;
}

/** Of the summed loss, in units of its curvature; from there on probabilities change by less than 1e-3. */
const gradientTolerance = 1e-4;
const mostIterations = 2000;
/** Mean of p (1 - p) over cells and classes of a fit that is nearly done; only speed hangs on it. */
const typicalCurvature = 0.01;

/**
 * Minimises sum of weight * log loss + |coefficients|^2 / (2 C), as scikit-learn's `LogisticRegression` does, but to the
 * optimum: its default tolerance stops where probabilities are still off by some hundredths. Of two classes scikit-learn
 * penalises one vector, the difference of both, which is twice the penalty; so does this. One class has probability 1.
 *
 * @param labels of the rows, 0 .. `classCount` - 1; a class without rows gets a score as low as the penalty lets it
 * @throws UsageError when `C` is not positive
 * @throws CancelledError when the control's signal is aborted
 */
export async function fitMultinomial(
  features: Features,
  labels: Int32Array,
  classCount: number,
  { C = 1, weights = 'none' }: MultinomialOptions = {},
  control?: RunControl,
): Promise<LinearModel> {
  if (!(C > 0)) {
    throw new UsageError({ what: `C is ${C}`, expected: 'a positive number', reason: 'regularisation' });
  }
  const entries = await entriesOf(features);
  const penalty = (classCount === 2 ? 2 : 1) / C;
  const rowWeights = weights === 'balanced' ? balancedWeights(labels, classCount) : null;
  const coordinates = coordinatesOf(entries, penalty);
  const { place } = await minimise(
    multinomialLoss(entries, { labels, classCount, penalty, rowWeights, ...coordinates }),
    new Float64Array((entries.columnCount + 1) * classCount),
    {
      stage: 'fitting logistic regression',
      tolerance: gradientTolerance / entries.rowCount,
      iterations: mostIterations,
    },
    control,
  );
  return original(place, entries.columnCount, classCount, coordinates);
}

/** Scores of classes: log probabilities up to a constant of each row. */
export async function decisions(model: LinearModel, features: Features): Promise<Float64Array> {
  const entries = await entriesOf(features);
  const { classCount, coefficients, intercepts } = model;
  const scores = new Float64Array(entries.rowCount * classCount);
  multiply(entries, coefficients, classCount, scores);
  for (let i = 0; i < scores.length; i++) scores[i] += intercepts[i % classCount];
  return scores; // [rows, classes]
}

/** Probabilities of classes, summing to 1 in a row. */
export async function predictProbabilities(model: LinearModel, features: Features): Promise<Float64Array> {
  const scores = await decisions(model, features);
  for (let start = 0; start < scores.length; start += model.classCount) {
    softmax(scores, start, start + model.classCount);
  }
  return scores; // [rows, classes]
}

/** In place; returns the logarithm of the sum of exponentials. */
function softmax(scores: Float64Array, start: number, end: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) if (scores[i] > highest) highest = scores[i];
  let sum = 0;
  for (let i = start; i < end; i++) {
    scores[i] = Math.exp(scores[i] - highest);
    sum += scores[i];
  }
  for (let i = start; i < end; i++) scores[i] /= sum;
  return highest + Math.log(sum);
}

function balancedWeights(labels: Int32Array, classCount: number): Float64Array {
  const sizes = new Int32Array(classCount);
  for (const label of labels) sizes[label]++;
  const present = sizes.filter((size) => size > 0).length;
  return Float64Array.from(labels, (label) => labels.length / (present * sizes[label]));
}

/**
 * Coordinates in which the optimum is found in fewer steps: features centred, which an intercept without penalty takes
 * up, and coefficients in units of how curved the loss is along them.
 */
interface Coordinates {
  readonly means: Float64Array; // [columns]
  readonly units: Float64Array; // [columns]
}

function coordinatesOf(entries: SparseRows, penalty: number): Coordinates {
  const { means, variances } = columnMoments(entries);
  const units = variances.map(
    (variance) => 1 / Math.sqrt(penalty + typicalCurvature * entries.rowCount * variance),
  );
  return { means, units };
}

interface Problem extends Coordinates {
  readonly labels: Int32Array;
  readonly classCount: number;
  readonly penalty: number;
  readonly rowWeights: Float64Array | null;
}

/** The mean of weighted log losses plus the penalty, of coefficients in the coordinates followed by intercepts. */
function multinomialLoss(entries: SparseRows, problem: Problem): Objective {
  const { labels, classCount, penalty, rowWeights } = problem;
  const { rowCount, columnCount } = entries;
  const size = columnCount * classCount;
  const residuals = new Float64Array(rowCount * classCount);
  return (place, gradient) => {
    const { coefficients, intercepts } = original(place, columnCount, classCount, problem);
    multiply(entries, coefficients, classCount, residuals);
    let loss = 0;
    const sums = new Float64Array(classCount);
    for (let row = 0; row < rowCount; row++) {
      const start = row * classCount;
      const truth = start + labels[row];
      const weight = (rowWeights === null ? 1 : rowWeights[row]) / rowCount;
      for (let k = 0; k < classCount; k++) residuals[start + k] += intercepts[k];
      const score = residuals[truth];
      loss += weight * (softmax(residuals, start, start + classCount) - score);
      residuals[truth] -= 1;
      for (let k = 0; k < classCount; k++) {
        residuals[start + k] *= weight;
        sums[k] += residuals[start + k];
      }
    }
    multiplyTransposed(entries, residuals, classCount, gradient);
    let square = 0;
    for (let i = 0; i < size; i++) {
      const column = Math.floor(i / classCount);
      const coefficient = coefficients[i];
      square += coefficient * coefficient;
      const slope =
        gradient[i] - problem.means[column] * sums[i % classCount] + (penalty * coefficient) / rowCount;
      gradient[i] = slope * problem.units[column];
    }
    gradient.set(sums, size);
    return loss + (penalty * square) / (2 * rowCount);
  };
}

/** The model that a place in the coordinates stands for. */
function original(
  place: Float64Array,
  columnCount: number,
  classCount: number,
  { means, units }: Coordinates,
): LinearModel {
  const size = columnCount * classCount;
  const coefficients = new Float64Array(size);
  const intercepts = place.slice(size);
  for (let i = 0; i < size; i++) {
    const column = Math.floor(i / classCount);
    coefficients[i] = place[i] * units[column];
    intercepts[i % classCount] -= means[column] * coefficients[i];
  }
  return { coefficients, intercepts, classCount };
}
