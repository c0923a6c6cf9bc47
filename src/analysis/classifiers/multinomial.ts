/** @file Multinomial logistic regression with an L2 penalty, on features of any kind. */

import type { RunControl } from '../../support/progress.ts';
import type { Features } from './features.ts';
import {
  balancedWeights,
  checkStrength,
  decisions,
  fitLinearModel,
  type LinearModel,
} from './linear-model.ts';

export interface MultinomialOptions {
  /** Inverse strength of the penalty. Default 1, scikit-learn's. */
  readonly C?: number | undefined;
  /** `balanced`: every class weighs as much as any other, whatever its cells. Default `none`. */
  readonly weights?: 'none' | 'balanced' | undefined;
}

/**
 * Minimises sum of weight * log loss + |coefficients|^2 / (2 C), as scikit-learn's `LogisticRegression` does, but to the
 * optimum: its default tolerance stops where probabilities are still off by some hundredths. Of two classes scikit-learn
 * penalises one vector, the difference of both, which is twice the penalty; so does this. One class has probability 1.
 *
 * @param labels of the rows, 0 .. `classCount` - 1; a class without rows gets a probability near 0
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
  checkStrength(C);
  const fit = {
    loss: logLoss,
    penalty: (classCount === 2 ? 2 : 1) / C,
    rowWeights: weights === 'balanced' ? balancedWeights(labels, classCount) : null,
    stage: 'fitting logistic regression',
  };
  return fitLinearModel(features, labels, classCount, fit, control);
}

/** Probabilities of classes, summing to 1 in a row. */
export async function predictProbabilities(model: LinearModel, features: Features): Promise<Float64Array> {
  const scores = await decisions(model, features);
  for (let start = 0; start < scores.length; start += model.classCount) {
    softmax(scores, start, start + model.classCount);
  }
  return scores; // [rows, classes]
}

/** Minus the log of the label's probability; its slopes are probabilities less 1 at the label. */
function logLoss(scores: Float64Array, start: number, end: number, label: number): number {
  const score = scores[start + label];
  const loss = softmax(scores, start, end) - score;
  scores[start + label] -= 1;
  return loss;
}

/** Turns scores into probabilities; returns the logarithm of the sum of their exponentials. */
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
