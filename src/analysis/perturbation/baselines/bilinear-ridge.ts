/** @file Bilinear regression on components of the training profiles themselves. */

import { cholesky, solveInPlace } from '../../cholesky.ts';
import { leadingEigen } from '../../leading-eigen.ts';
import type { PerturbationMethod } from '../predictor.ts';
import { meanProfile } from '../profiles.ts';

/** How the regression is done; defaults are Ahlmann-Eltze et al.'s. */
export interface BilinearOptions {
  /** Default 10, fewer where there are fewer training conditions. */
  readonly components?: number;
  /** Default 0.1. */
  readonly penalty?: number;
}

/**
 * The linear model of Ahlmann-Eltze et al. 2025: profiles are `G W p + b` with `G` the genes' components, `p` the mean
 * of the rows of `G` of the perturbed genes, `b` the training mean. Genes that are not measured have no row; where none
 * of the perturbed ones is measured, `p` is zero and the prediction the training mean.
 */
export function bilinearRidge({ components = 10, penalty = 0.1 }: BilinearOptions = {}): PerturbationMethod {
  return {
    id: 'bilinear-ridge',
    name: 'bilinear ridge',
    fit({ genes, conditions, profiles }) {
      const centre = meanProfile(profiles);
      const rows = profiles.map((profile) => profile.map((value, gene) => value - centre[gene]));
      const scores = geneScores(rows, Math.min(components, profiles.length)); // [components][genes]
      const place = new Map(genes.map((gene, column) => [gene, column]));
      const rowOf = (perturbed: readonly string[]): Float64Array => {
        const columns = perturbed.flatMap((gene) => place.get(gene) ?? []);
        return Float64Array.from(scores, (score) =>
          columns.reduce((sum, column) => sum + score[column] / columns.length, 0),
        );
      };
      const weights = solve(scores, rows, conditions.map(rowOf), penalty);
      return {
        predict(perturbed) {
          const own = rowOf(perturbed);
          const result = centre.slice();
          weights.forEach((row, k) => {
            const weight = row.reduce((sum, value, l) => sum + value * own[l], 0);
            for (let gene = 0; gene < result.length; gene++) result[gene] += weight * scores[k][gene];
          });
          return result;
        },
      };
    },
  };
}

/** Principal scores of genes: of the table of genes x conditions, each gene about its mean. */
function geneScores(rows: readonly Float64Array[], count: number): Float64Array[] {
  const size = rows.length;
  const gram = new Float64Array(size * size);
  rows.forEach((a, i) => {
    rows.forEach((b, j) => {
      gram[i * size + j] = a.reduce((sum, value, gene) => sum + value * b[gene], 0);
    });
  });
  const { values, vectors } = leadingEigen(gram, size, count);
  return Array.from({ length: values.length }, (_, k) => {
    const score = new Float64Array(rows[0].length);
    for (let i = 0; i < size; i++) {
      for (let gene = 0; gene < score.length; gene++) score[gene] += vectors[k * size + i] * rows[i][gene];
    }
    return score;
  });
}

/** W = (G'G + penalty I)^-1 G'Y P (P'P + penalty I)^-1. */
function solve(
  scores: readonly Float64Array[], // G' [components][genes]
  targets: readonly Float64Array[], // Y' [conditions][genes]
  perturbed: readonly Float64Array[], // P [conditions][components]
  penalty: number,
): Float64Array[] {
  const count = scores.length;
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const gram = (columns: readonly Float64Array[]): Float64Array => {
    const product = new Float64Array(count * count);
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++)
        product[a * count + b] = dot(columns[a], columns[b]) + (a === b ? penalty : 0);
    }
    return product;
  };
  const columnsOfP = scores.map((_, k) => Float64Array.from(perturbed, (row) => row[k]));
  const middle = scores.map((score) => {
    const onTargets = Float64Array.from(targets, (target) => dot(score, target)); // G'Y
    return Float64Array.from(columnsOfP, (column) => dot(onTargets, column)); // G'Y P
  });
  solveInPlace(cholesky(gram(scores), count), middle);
  const turned = middle.map((_, l) => Float64Array.from(middle, (row) => row[l]));
  solveInPlace(cholesky(gram(columnsOfP), count), turned);
  return middle.map((_, k) => Float64Array.from(turned, (row) => row[k]));
}
