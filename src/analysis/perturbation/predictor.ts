/** @file What predicts the mean expression of perturbed cells: the contract of baselines, priors and models. */

import { InputError } from '../../support/errors.ts';
import type { Profiles } from './profiles.ts';
import type { Screen } from './screen.ts';

/** What a predictor learns from. */
export interface TrainingProfiles {
  /** Names of the measured genes. */
  readonly genes: readonly string[];
  /** Mean of the control cells. */
  readonly control: Float64Array; // [genes]
  /** The perturbed genes of each training condition. */
  readonly conditions: readonly (readonly string[])[];
  readonly profiles: readonly Float64Array[]; // [conditions][genes]
  /** Sampling variance of each mean: the cells' variance over their number. */
  readonly samplingVariances: readonly Float64Array[]; // [conditions][genes]
}

/** Predicts the mean profile of cells in which genes are perturbed. */
export interface PerturbationPredictor {
  /** @param perturbed one gene or several, measured or not */
  predict(perturbed: readonly string[]): Float64Array; // [genes]
}

/** A way to learn from perturbations. */
export interface PerturbationMethod {
  /** Lower-case letters, digits and dashes. */
  readonly id: string;
  /** As tables name it. */
  readonly name: string;
  fit(training: TrainingProfiles): PerturbationPredictor;
}

/**
 * The training conditions of a screen.
 *
 * @param chosen conditions to learn from; the control is left out
 * @param control default the mean of all control cells
 * @throws InputError when there is no condition to learn from
 */
export function trainingProfiles(
  genes: readonly string[],
  { conditions, control }: Pick<Screen, 'conditions' | 'control'>,
  { means, variances, sizes }: Profiles,
  chosen: Iterable<number>,
  controlProfile: Float64Array = means[control],
): TrainingProfiles {
  const codes = [...chosen].filter((code) => code !== control && sizes[code] > 0);
  if (codes.length === 0) {
    throw new InputError({
      what: 'there is no perturbation to learn from',
      where: 'training conditions',
      expected: 'at least one condition with cells beside the control',
      reason: 'no_training_condition',
    });
  }
  return {
    genes,
    control: controlProfile,
    conditions: codes.map((code) => conditions[code].genes),
    profiles: codes.map((code) => means[code]),
    samplingVariances: codes.map((code) =>
      variances[code].map((variance) => (sizes[code] < 2 ? 0 : variance / sizes[code])),
    ),
  };
}

/** The same without some conditions, by their place. */
export function leaveOut(training: TrainingProfiles, left: ReadonlySet<number>): TrainingProfiles {
  const kept = <T>(values: readonly T[]): T[] => values.filter((_, i) => !left.has(i));
  return {
    ...training,
    conditions: kept(training.conditions),
    profiles: kept(training.profiles),
    samplingVariances: kept(training.samplingVariances),
  };
}

/** What each training condition changes against the control. */
export function trainingChanges({ profiles, control }: TrainingProfiles): Float64Array[] {
  return profiles.map((profile) => profile.map((value, gene) => value - control[gene]));
}
