/** @file Effects of genes that were never perturbed, inferred from those that were by how alike the genes are. */

import { cholesky, inverseDiagonal, solveInPlace } from '../cholesky.ts';
import { ownGeneChanged } from './baselines/own-gene.ts';
import { type PerturbationMethod, type TrainingProfiles, trainingChanges } from './predictor.ts';
import type { GeneSimilarity } from './priors/similarity.ts';
import { meanProfile } from './profiles.ts';

/** How much of a gene's effect is shared, in units of what is its own. */
interface Shares {
  readonly prior: GeneSimilarity;
  /** Variance of what all genes' effects share. */
  readonly common: number;
  /** Variance of what similar genes' effects share. */
  readonly similar: number;
}

const commonShares = [0.01, 0.03, 0.1, 0.3, 1];
const similarShares = [0.1, 0.3, 1, 3, 10];

/**
 * A Gaussian process over genes (kriging). The effect of a gene is the sum of what all genes' share, what similar genes
 * share, and its own; a combination's effect is the sum of its genes'. Training perturbations count by how well they
 * are measured: the sampling variance of their mean is added to what is their own. The predicted effect is the posterior
 * mean: that of similar genes as far as they are similar, else the common one, shrunk towards none; of a combination of
 * seen genes nearly the sum of their measured effects.
 *
 * The measure of similarity and both shares are those with the least squared error of training conditions left out one
 * by one, which needs no refit. The own gene is changed as in {@link ownGeneChanged}.
 *
 * @param priors measures to choose from, such as gene sets and embeddings of a pretrained model; none: all genes alike
 */
export function geneEffects(priors: readonly GeneSimilarity[]): PerturbationMethod {
  const method: PerturbationMethod = {
    id: 'effects',
    name: 'effects',
    fit(training) {
      const shares = bestShares(training, priors);
      const weights = fitted(training, shares).weights;
      return {
        predict(perturbed) {
          const profile = training.control.slice();
          training.conditions.forEach((genes, i) => {
            const covariance = covarianceOf(perturbed, genes, shares);
            if (covariance === 0) return;
            for (let gene = 0; gene < profile.length; gene++) profile[gene] += covariance * weights[i][gene];
          });
          return profile;
        },
      };
    },
  };
  return ownGeneChanged(method, 'gene-effects', 'effects of similar genes (Gaussian process)');
}

function bestShares(training: TrainingProfiles, priors: readonly GeneSimilarity[]): Shares {
  const choices = (priors.length === 0 ? [nothingShared] : priors.map(remembered)).flatMap((prior) =>
    commonShares.flatMap((common) => similarShares.map((similar) => ({ prior, common, similar }))),
  );
  const errors = choices.map((shares) => fitted(training, shares).leftOutError);
  return choices[errors.indexOf(Math.min(...errors))];
}

/** Asks each pair of genes once. */
function remembered({ name, similarity }: GeneSimilarity): GeneSimilarity {
  const known = new Map<string, Map<string, number>>();
  return {
    name,
    similarity(a, b) {
      const row = known.get(a) ?? new Map<string, number>();
      known.set(a, row);
      const value = row.get(b) ?? similarity(a, b);
      row.set(b, value);
      return value;
    },
  };
}

const nothingShared: GeneSimilarity = { name: 'none', similarity: () => 0 };

function covarianceOf(
  a: readonly string[],
  b: readonly string[],
  { prior, common, similar }: Shares,
): number {
  let sum = 0;
  for (const one of a) {
    for (const other of b) sum += common + similar * prior.similarity(one, other) + (one === other ? 1 : 0);
  }
  return sum;
}

/** Weights of the training conditions' changes, and the squared error of each predicted from all others. */
function fitted(training: TrainingProfiles, shares: Shares) {
  const { conditions } = training;
  const size = conditions.length;
  const covariance = new Float64Array(size * size);
  conditions.forEach((a, i) => {
    conditions.forEach((b, j) => {
      covariance[i * size + j] = covarianceOf(a, b, shares);
    });
  });
  samplingNoise(training).forEach((noise, i) => {
    covariance[i * size + i] += noise;
  });
  const factor = cholesky(covariance, size);
  const weights = trainingChanges(training);
  solveInPlace(factor, weights);
  const diagonal = inverseDiagonal(factor);
  const leftOutError = weights.reduce(
    (total, row, i) => total + row.reduce((sum, weight) => sum + (weight / diagonal[i]) ** 2, 0),
    0,
  );
  return { weights, leftOutError };
}

/** Sampling variances of the training profiles in units of the true variance among perturbations. */
function samplingNoise(training: TrainingProfiles): Float64Array {
  const changes = trainingChanges(training);
  const mean = meanProfile(changes);
  const noise = Float64Array.from(training.samplingVariances, (row) => row.reduce((sum, v) => sum + v, 0));
  const spread = changes.map((row) => row.reduce((sum, value, gene) => sum + (value - mean[gene]) ** 2, 0));
  const between = spread.reduce((sum, value, i) => sum + (value - noise[i]) / spread.length, 0);
  const least = 1e-3 * spread.reduce((sum, value) => sum + value / spread.length, 0);
  const scale = Math.max(between, least);
  return noise.map((value) => Math.max(scale > 0 ? value / scale : 0, 1e-6));
}
