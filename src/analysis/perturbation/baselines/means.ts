/** @file The simplest predictions: no change, and the mean of the training perturbations. */

import type { PerturbationMethod } from '../predictor.ts';
import { meanProfile } from '../profiles.ts';

/** Perturbed cells are as control cells. */
export const noChange: PerturbationMethod = {
  id: 'no-change',
  name: 'no change',
  fit: ({ control }) => ({ predict: () => control.slice() }),
};

/** Every perturbation does what the training perturbations do on average, each counting alike. */
export const trainMean: PerturbationMethod = {
  id: 'train-mean',
  name: 'train-mean delta',
  fit({ profiles }) {
    const mean = meanProfile(profiles);
    return { predict: () => mean.slice() };
  },
};
