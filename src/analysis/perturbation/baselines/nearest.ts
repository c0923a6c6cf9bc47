/** @file Changes of the training perturbations whose genes are most like the perturbed ones. */

import { type PerturbationMethod, trainingChanges } from '../predictor.ts';
import type { GeneSimilarity } from '../priors/similarity.ts';
import { meanProfile } from '../profiles.ts';

/** How neighbours are taken. */
export interface NearestOptions {
  readonly id: string;
  readonly name: string;
  /** The most neighbours. */
  readonly neighbours: number;
}

/**
 * The mean change of the most similar training perturbations, weighted by similarity; of equally similar ones the first
 * counts. Perturbations of several genes are compared by the mean over pairs of genes. Where none is similar at all
 * (above 0), the mean of all.
 */
export function nearestGenes(
  { similarity }: GeneSimilarity,
  { id, name, neighbours }: NearestOptions,
): PerturbationMethod {
  return {
    id,
    name,
    fit(training) {
      const changes = trainingChanges(training);
      const mean = meanProfile(changes);
      const between = (a: readonly string[], b: readonly string[]): number => {
        let sum = 0;
        for (const one of a) for (const other of b) sum += similarity(one, other);
        return sum / Math.max(1, a.length * b.length);
      };
      return {
        predict(perturbed) {
          const similarities = training.conditions.map((genes) => between(perturbed, genes));
          const order = [...similarities.keys()].sort((a, b) => similarities[b] - similarities[a] || a - b);
          const chosen = order.slice(0, neighbours).filter((i) => similarities[i] > 0);
          const total = chosen.reduce((sum, i) => sum + similarities[i], 0);
          const change = chosen.length === 0 ? mean : new Float64Array(mean.length);
          for (const i of chosen) {
            for (let gene = 0; gene < change.length; gene++)
              change[gene] += (similarities[i] / total) * changes[i][gene];
          }
          return change.map((value, gene) => training.control[gene] + value);
        },
      };
    },
  };
}
