/** @file Expression as few directions can tell it: the truncated singular value decomposition. */

import { leadingEigen } from '../leading-eigen.ts';
import type { IncompleteExpression } from './incomplete-expression.ts';
import type { ImputationMethod } from './method.ts';

/** Logged values, not centred, brought back to the first `rank` singular directions; zeros count as values. */
export const lowRank = (rank: number): ImputationMethod => ({
  id: `low-rank-${rank}`,
  name: `low-rank SVD-${rank}`,
  givenNonZero: false,
  async fit(expression) {
    const { rows, logged, genes, cells } = expression;
    const count = Math.min(rank, genes, cells);
    const { vectors } = leadingEigen(gramMap(expression), genes, count);
    const coordinates = new Float64Array(count);
    return (cell, into) => {
      into.fill(0);
      coordinates.fill(0);
      for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) {
        for (let c = 0; c < count; c++) coordinates[c] += logged[i] * vectors[c * genes + rows.indices[i]];
      }
      for (let c = 0; c < count; c++) {
        for (let gene = 0; gene < genes; gene++) into[gene] += coordinates[c] * vectors[c * genes + gene];
      }
    };
  },
});

/** Genes x genes products of a table that is mostly zeros, as what they do to a vector. */
function gramMap({ rows, logged, cells }: IncompleteExpression) {
  return (vector: Float64Array, image: Float64Array): void => {
    image.fill(0);
    for (let cell = 0; cell < cells; cell++) {
      let sum = 0;
      for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++)
        sum += logged[i] * vector[rows.indices[i]];
      for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++)
        image[rows.indices[i]] += sum * logged[i];
    }
  };
}
