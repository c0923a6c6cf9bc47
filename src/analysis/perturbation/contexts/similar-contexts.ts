/** @file A perturbation's effect in an unseen context as in the contexts most like it. */

import { correlation } from '../../correlation.ts';
import { contextBaselines } from './baselines.ts';
import { withFoldChange, withShift } from './fold-change.ts';
import type { ContextMethod, ContextProfiles } from './predictor.ts';

/** How effects are carried over. */
interface Transfer {
  /** How fast a context's weight falls with its distance; 0: all weigh alike. */
  readonly sharpness: number;
  readonly pseudocount: number;
  /** How much of the prediction is a shift of logged values, the rest a fold change of counts. */
  readonly shiftShare: number;
}

const transfers: readonly Transfer[] = [0, 0.5, 1, 2, 4, 8, 1000].flatMap((sharpness) =>
  [0.03, 0.1, 0.3, 1, 3].flatMap((pseudocount) =>
    [0, 0.5, 1].map((shiftShare) => ({ sharpness, pseudocount, shiftShare })),
  ),
);

/**
 * The mean of what each training context predicts, weighted by how alike its control profile is; as fold change of
 * counts, shift of logged values, or half of each. How steeply weights fall, the pseudocount and the kind of change are
 * those with the least error, as a share of the true change, when each training context in turn is predicted from the
 * others. With fewer than three training contexts that cannot be told: the nearest one's fold change is taken.
 */
export const similarContexts: ContextMethod = {
  id: 'similar-contexts',
  name: 'change of similar types',
  fit(training) {
    const count = training.control.length;
    if (count < 3) return contextBaselines.find(({ id }) => id === 'nearest-fold-change')!.fit(training);
    const errors = transfers.map((transfer) => {
      let total = 0;
      for (let left = 0; left < count; left++) total += relativeError(training, left, transfer);
      return total;
    });
    const best = transfers[errors.indexOf(Math.min(...errors))];
    return { predict: (control) => carried(training, control, best) };
  },
};

function relativeError({ control, perturbed }: ContextProfiles, left: number, transfer: Transfer): number {
  const others = <T>(values: readonly T[]) => values.filter((_, context) => context !== left);
  const predicted = carried(
    { control: others(control), perturbed: others(perturbed) },
    control[left],
    transfer,
  );
  const truth = perturbed[left];
  const error = predicted.reduce((sum, value, gene) => sum + (value - truth[gene]) ** 2, 0);
  const change = control[left].reduce((sum, value, gene) => sum + (value - truth[gene]) ** 2, 0);
  return change > 0 ? error / change : 0;
}

function carried(
  { control, perturbed }: ContextProfiles,
  own: Float64Array,
  { sharpness, pseudocount, shiftShare }: Transfer,
): Float64Array {
  const weights = contextWeights(control, own, sharpness);
  const result = new Float64Array(own.length);
  control.forEach((from, context) => {
    if (weights[context] === 0) return;
    const change = { from, to: perturbed[context] };
    const multiplied = withFoldChange(own, change, pseudocount);
    const shifted = withShift(own, change);
    for (let gene = 0; gene < own.length; gene++) {
      result[gene] +=
        weights[context] * ((1 - shiftShare) * multiplied[gene] + shiftShare * Math.max(0, shifted[gene]));
    }
  });
  return result;
}

/** Distances are 1 minus correlation, in units of the nearest context's. */
function contextWeights(
  control: readonly Float64Array[],
  own: Float64Array,
  sharpness: number,
): Float64Array {
  const distances = Float64Array.from(control, (profile) => {
    const value = correlation(profile, own);
    return Number.isNaN(value) ? 1 : 1 - value;
  });
  const nearest = Math.max(Math.min(...distances), 1e-9);
  const weights = distances.map((distance) =>
    Math.exp(-sharpness * (Math.max(distance, 1e-9) / nearest - 1)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
