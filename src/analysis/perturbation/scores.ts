/** @file How well a predicted profile of perturbed cells matches the true one, by the field's scores. */

import { correlation } from '../correlation.ts';
import { changeOf } from './profiles.ts';

/** Scores of one prediction; NaN where one is not defined, as the correlation of a prediction that changes nothing. */
export interface PredictionScores {
  /** Of the profiles themselves: above 0.98 for no change at all, so never a sign of a good prediction. */
  readonly pearson: number;
  /** Of the changes against the control. */
  readonly pearsonDelta: number;
  /** The same over the genes that differ most. */
  readonly pearsonDeltaTop: number;
  /**
   * Of the changes against the mean of the training perturbations (Viñas Torné et al. 2025, Systema): an effect that all
   * perturbations share earns nothing.
   */
  readonly pearsonCentred: number;
  readonly pearsonCentredTop: number;
  readonly meanSquaredError: number;
  readonly meanSquaredErrorTop: number;
  /** Share of the genes that differ most whose change has the right sign. */
  readonly rightSigns: number;
}

/** What a prediction is compared with. */
export interface TrueProfile {
  readonly profile: Float64Array; // [genes]
  /** Mean of the control cells. */
  readonly control: Float64Array; // [genes]
  /** Mean profile of the training perturbations. */
  readonly centre: Float64Array; // [genes]
  /** The genes that differ most between perturbed and control cells. */
  readonly top: Int32Array;
}

/**
 * @param control what the prediction's change is measured against; default the truth's. Where prediction and truth share
 *   the control cells, the noise of their mean is in both changes and looks like a right prediction: give separate halves.
 */
export function predictionScores(
  predicted: Float64Array, // [genes]
  { profile, control, centre, top }: TrueProfile,
  predictionControl: Float64Array = control,
): PredictionScores {
  const change = changeOf(profile, control);
  const predictedChange = changeOf(predicted, predictionControl);
  const apart = changeOf(profile, centre);
  const predictedApart = changeOf(predicted, centre);
  return {
    pearson: correlation(predicted, profile),
    pearsonDelta: correlation(predictedChange, change),
    pearsonDeltaTop: correlation(predictedChange, change, top),
    pearsonCentred: correlation(predictedApart, apart),
    pearsonCentredTop: correlation(predictedApart, apart, top),
    meanSquaredError: squaredError(predicted, profile),
    meanSquaredErrorTop: squaredError(predicted, profile, top),
    rightSigns: top.filter((gene) => predictedChange[gene] * change[gene] > 0).length / top.length,
  };
}

function squaredError(a: Float64Array, b: Float64Array, places?: Int32Array): number {
  const genes = places ?? Int32Array.from(a.keys());
  return genes.reduce((sum, gene) => sum + (a[gene] - b[gene]) ** 2, 0) / genes.length;
}

/**
 * How surely a prediction is taken for the right perturbation: 1 minus the rank of the true profile among all by distance
 * (L1) over the number of others, equally near ones counting half. 0.5 is chance, 1 perfect.
 *
 * @param own the true perturbation's number
 * @param ignored genes that give it away, as those that were knocked out
 */
export function discrimination(
  predicted: Float64Array,
  profiles: readonly Float64Array[],
  own: number,
  ignored: readonly number[] = [],
): number {
  const distances = profiles.map((profile) =>
    profile.reduce(
      (sum, value, gene) => (ignored.includes(gene) ? sum : sum + Math.abs(value - predicted[gene])),
      0,
    ),
  );
  const others = distances.filter((_, other) => other !== own);
  const nearer = others.filter((distance) => distance < distances[own]).length;
  const equal = others.filter((distance) => distance === distances[own]).length;
  return 1 - (nearer + equal / 2) / others.length;
}
