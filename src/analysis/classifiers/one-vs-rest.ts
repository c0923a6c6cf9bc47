/** @file Logistic regression of every class against the rest, with an L2 penalty. */

import type { RunControl } from '../../support/progress.ts';
import type { Features } from './features.ts';
import { checkStrength, fitLinearModel, type LinearModel } from './linear-model.ts';

/**
 * Minimises sum of log losses + |coefficients|^2 / (2 C) of each class by itself, as scikit-learn did with
 * `multi_class='ovr'`, to the optimum.
 *
 * @param labels of the rows, 0 .. `classCount` - 1
 * @throws UsageError when `C` is not positive
 * @throws CancelledError when the control's signal is aborted
 */
export async function fitOneVersusRest(
  features: Features,
  labels: Int32Array,
  classCount: number,
  C = 1,
  control?: RunControl,
): Promise<LinearModel> {
  checkStrength(C);
  const fit = {
    loss: binaryLosses,
    penalty: 1 / C,
    rowWeights: null,
    stage: 'fitting logistic regression',
  };
  return fitLinearModel(features, labels, classCount, fit, control);
}

/** The logistic function. */
export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** Sum over classes of minus the log probability of being, or not being, of the class. */
function binaryLosses(scores: Float64Array, start: number, end: number, label: number): number {
  let loss = 0;
  for (let i = start; i < end; i++) {
    const margin = i === start + label ? scores[i] : -scores[i];
    // log(1 + exp(-margin)) that neither overflows nor rounds to zero
    loss += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, -margin);
    scores[i] = sigmoid(scores[i]) - (i === start + label ? 1 : 0);
  }
  return loss;
}
