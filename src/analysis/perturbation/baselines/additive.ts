/** @file Changes of single perturbations added up. */

import { type PerturbationMethod, trainingChanges } from '../predictor.ts';
import { meanProfile } from '../profiles.ts';

/**
 * The control plus the changes of each gene's own training perturbation; a gene without one counts as the mean change of
 * the training perturbations. Hard to beat on pairs of seen genes (Ahlmann-Eltze et al. 2025).
 */
export const additive: PerturbationMethod = {
  id: 'additive',
  name: 'additive',
  fit(training) {
    const changes = trainingChanges(training);
    const mean = meanProfile(changes);
    const single = new Map(
      training.conditions.flatMap((genes, i) => (genes.length === 1 ? [[genes[0], changes[i]]] : [])),
    );
    return {
      predict(perturbed) {
        const profile = training.control.slice();
        for (const gene of perturbed) {
          const change = single.get(gene) ?? mean;
          for (let column = 0; column < profile.length; column++) profile[column] += change[column];
        }
        return profile;
      },
    };
  },
};
