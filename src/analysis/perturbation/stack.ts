/** @file Predictions of several experts, weighted by how well each predicts training conditions it has not seen. */

import { UsageError } from '../../support/errors.ts';
import {
  leaveOut,
  type PerturbationMethod,
  type PerturbationPredictor,
  type TrainingProfiles,
  trainingChanges,
} from './predictor.ts';

/** A fitted predictor with what it says of each training condition when it has not learnt from it. */
export interface Expert extends PerturbationPredictor {
  readonly name: string;
  /** Out-of-fold profiles in the order of the training conditions. */
  readonly outOfFold: readonly Float64Array[]; // [conditions][genes]
}

/** A pool of experts. */
export interface StackedPredictor extends PerturbationPredictor {
  /** Of each expert, at least 0; what is missing to 1 is the weight of no change at all. */
  readonly weights: Float64Array; // [experts]
}

/**
 * An expert of a method that is quick to fit.
 *
 * @param folds the fold of each training condition; default each its own
 */
export function expertOf(
  method: PerturbationMethod,
  training: TrainingProfiles,
  folds: ArrayLike<number> = Int32Array.from(training.conditions.keys()),
): Expert {
  const { predict } = method.fit(training);
  const outOfFold: Float64Array[] = [];
  for (const fold of new Set(Array.from(folds))) {
    const left = new Set([...training.conditions.keys()].filter((i) => folds[i] === fold));
    const predictor = method.fit(leaveOut(training, left));
    for (const i of left) outOfFold[i] = predictor.predict(training.conditions[i]);
  }
  return { name: method.name, predict, outOfFold };
}

/** Steps of coordinate descent; a handful of experts settle in far fewer. */
const mostRounds = 1000;

/**
 * Adds up the experts' changes with weights of at least 0 and at most 1 together, which have the least squared error on
 * training conditions out of fold (stacking: Wolpert 1992; Breiman 1996). A small pull towards equal weights decides
 * between experts that are as good as each other.
 *
 * @throws UsageError when there is no expert, or one's out-of-fold predictions are of other conditions
 */
export function stackedPredictor(experts: readonly Expert[], training: TrainingProfiles): StackedPredictor {
  const changes = trainingChanges(training);
  const wrong = experts.find(({ outOfFold }) => outOfFold.length !== changes.length);
  if (wrong !== undefined || experts.length === 0) {
    throw new UsageError({
      what:
        wrong === undefined
          ? 'there is no expert'
          : `${wrong.name} predicts ${wrong.outOfFold.length} conditions`,
      where: 'stacking',
      expected: `experts with an out-of-fold prediction of each of ${changes.length} training conditions`,
      reason: 'expert_conditions',
    });
  }
  const predicted = experts.map(({ outOfFold }) =>
    outOfFold.map((profile) => profile.map((value, gene) => value - training.control[gene])),
  );
  const weights = convexWeights(predicted, changes);
  return {
    weights,
    predict(perturbed) {
      const result = training.control.slice();
      experts.forEach((expert, e) => {
        const profile = expert.predict(perturbed);
        for (let gene = 0; gene < result.length; gene++)
          result[gene] += weights[e] * (profile[gene] - training.control[gene]);
      });
      return result;
    },
  };
}

/** Minimises the squared error over weights of at least 0 with a sum of at most 1, exchanging weight pair by pair. */
function convexWeights(
  predicted: readonly (readonly Float64Array[])[], // [experts][conditions][genes]
  truth: readonly Float64Array[], // [conditions][genes]
): Float64Array {
  const count = predicted.length;
  const dot = (a: readonly Float64Array[], b: readonly Float64Array[]) =>
    a.reduce((total, row, i) => total + row.reduce((sum, value, gene) => sum + value * b[i][gene], 0), 0);
  const gram = predicted.map((a) => predicted.map((b) => dot(a, b))); // [experts][experts]
  const target = predicted.map((a) => dot(a, truth));
  const pull = (1e-3 * gram.reduce((sum, row, e) => sum + row[e], 0)) / count;
  // the last entry is no change: it predicts zeros
  const weights = new Float64Array(count + 1).fill(1 / count, 0, count);
  const slope = (e: number): number => {
    if (e === count) return 0;
    const explained = gram[e].reduce((sum, value, other) => sum + value * weights[other], 0);
    return explained - target[e] + pull * (weights[e] - 1 / count);
  };
  const product = (a: number, b: number) =>
    a === count || b === count ? 0 : gram[a][b] + (a === b ? pull : 0);
  for (let round = 0; round < mostRounds; round++) {
    let moved = 0;
    for (let a = 0; a <= count; a++) {
      for (let b = 0; b < a; b++) {
        const curvature = product(a, a) + product(b, b) - 2 * product(a, b);
        if (!(curvature > 0)) continue;
        const wanted = (slope(b) - slope(a)) / curvature; // from b to a
        const step = Math.max(-weights[a], Math.min(weights[b], wanted));
        weights[a] += step;
        weights[b] -= step;
        moved = Math.max(moved, Math.abs(step));
      }
    }
    if (moved < 1e-10) break;
  }
  return weights.slice(0, count);
}
