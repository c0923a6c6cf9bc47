/** @file Ridge regression of changes on features of the perturbed genes. */

import { cholesky, solveInPlace } from '../../cholesky.ts';
import { leaveOut, type PerturbationMethod, type TrainingProfiles, trainingChanges } from '../predictor.ts';
import type { GeneFeatures } from '../priors/features.ts';
import { meanProfile } from '../profiles.ts';

/** How the regression is done. */
export interface RidgeOptions {
  readonly id: string;
  readonly name: string;
  /** Penalties to choose from. Default powers of ten from 1 to 100,000, for standardised features. */
  readonly penalties?: readonly number[];
  /** Bring features to mean 0 and variance 1 over the training conditions. Default true. */
  readonly standardise?: boolean;
}

/**
 * Linear regression with an intercept, features of a combination being the sum of its genes'. The penalty is the one
 * with the least squared error of training conditions left out one by one. Genes without features count as zeros.
 */
export function ridgeOnFeatures(features: GeneFeatures, options: RidgeOptions): PerturbationMethod {
  const { id, name, penalties = [1, 10, 100, 1e3, 1e4, 1e5], standardise = true } = options;
  return {
    id,
    name,
    fit(training) {
      const raw = training.conditions.map((genes) => featuresOf(genes, features));
      const { scale, centre } = scaling(raw, standardise);
      const scaled = (row: Float64Array) => row.map((value, k) => (value - centre[k]) / scale[k]);
      const rows = raw.map(scaled);
      const penalty = penalties.length === 1 ? penalties[0] : bestPenalty(training, rows, penalties);
      const regression = regress(rows, trainingChanges(training), penalty);
      return {
        predict: (perturbed) => {
          const change = regression(scaled(featuresOf(perturbed, features)));
          return change.map((value, gene) => training.control[gene] + value);
        },
      };
    },
  };
}

function featuresOf(genes: readonly string[], { values, count }: GeneFeatures): Float64Array {
  const sum = new Float64Array(count);
  for (const gene of genes) {
    values.get(gene)?.forEach((value, k) => {
      sum[k] += value;
    });
  }
  return sum;
}

function scaling(rows: readonly Float64Array[], standardise: boolean) {
  const centre = meanProfile(rows);
  const scale = centre.map((mean, k) => {
    const variance = rows.reduce((sum, row) => sum + (row[k] - mean) ** 2, 0) / rows.length;
    return standardise && variance > 0 ? Math.sqrt(variance) : 1;
  });
  return { scale, centre };
}

function bestPenalty(
  training: TrainingProfiles,
  rows: readonly Float64Array[],
  penalties: readonly number[],
): number {
  const changes = trainingChanges(training);
  const errors = penalties.map((penalty) =>
    rows.reduce((total, row, left) => {
      const others = leaveOut(training, new Set([left]));
      if (others.profiles.length === 0) return total;
      const predicted = regress(
        rows.filter((_, i) => i !== left),
        trainingChanges(others),
        penalty,
      )(row);
      return total + predicted.reduce((sum, value, gene) => sum + (value - changes[left][gene]) ** 2, 0);
    }, 0),
  );
  return penalties[errors.indexOf(Math.min(...errors))];
}

/** Solves (X'X + penalty I) W = X'Y of centred features and targets; returns the prediction. */
function regress(rows: readonly Float64Array[], targets: readonly Float64Array[], penalty: number) {
  const centre = meanProfile(rows);
  const mean = meanProfile(targets);
  const count = centre.length;
  const gram = new Float64Array(count * count);
  const weights = Array.from({ length: count }, () => new Float64Array(mean.length));
  rows.forEach((row, i) => {
    for (let a = 0; a < count; a++) {
      const own = row[a] - centre[a];
      for (let b = 0; b < count; b++) gram[a * count + b] += own * (row[b] - centre[b]);
      for (let gene = 0; gene < mean.length; gene++)
        weights[a][gene] += own * (targets[i][gene] - mean[gene]);
    }
  });
  for (let k = 0; k < count; k++) gram[k * count + k] += penalty;
  solveInPlace(cholesky(gram, count), weights);
  return (row: Float64Array): Float64Array => {
    const result = mean.slice();
    for (let k = 0; k < count; k++) {
      for (let gene = 0; gene < result.length; gene++)
        result[gene] += (row[k] - centre[k]) * weights[k][gene];
    }
    return result;
  };
}
