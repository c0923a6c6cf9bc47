/** @file The perturbed gene itself is lowered or raised, as the training perturbations' own genes were. */

import type { PerturbationMethod, TrainingProfiles } from '../predictor.ts';
import { trainMean } from './means.ts';

/**
 * On top of another method, the own gene's expression is the control's times the mean ratio of training perturbations
 * whose own gene is measured, or the gene's own ratio where it was perturbed alone in training; left alone where no
 * ratio is known.
 */
export function ownGeneChanged(method: PerturbationMethod, id: string, name: string): PerturbationMethod {
  return {
    id,
    name,
    fit(training) {
      const predictor = method.fit(training);
      const ratios = ownRatios(training);
      const all = [...ratios.values()].flat();
      const place = new Map(training.genes.map((gene, column) => [gene, column]));
      return {
        predict(perturbed) {
          const profile = predictor.predict(perturbed).slice();
          for (const gene of perturbed) {
            const column = place.get(gene);
            const ratio = mean(ratios.get(gene) ?? all);
            if (column !== undefined && ratio !== undefined)
              profile[column] = training.control[column] * ratio;
          }
          return profile;
        },
      };
    },
  };
}

/** What perturbed genes are of their control, of each that is measured, expressed and was perturbed alone. */
function ownRatios({ genes, control, conditions, profiles }: TrainingProfiles): Map<string, number[]> {
  const place = new Map(genes.map((gene, column) => [gene, column]));
  const ratios = new Map<string, number[]>();
  conditions.forEach((perturbed, i) => {
    const column = perturbed.length === 1 ? place.get(perturbed[0]) : undefined;
    if (column === undefined || control[column] <= 0) return;
    ratios.set(perturbed[0], [...(ratios.get(perturbed[0]) ?? []), profiles[i][column] / control[column]]);
  });
  return ratios;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Train mean with the own gene changed (Wong et al. 2025): beats many trained models. */
export const crisprInformedMean: PerturbationMethod = ownGeneChanged(
  trainMean,
  'crispr-informed-mean',
  'CRISPR-informed mean',
);
