/** @file The share that a gene has of all counts, times the counts of the cell. */

import { type IncompleteExpression, targetSum } from './incomplete-expression.ts';
import type { ImputationMethod } from './method.ts';
import { meanGivenNonZero } from './truncated-poisson.ts';

/** Shares of genes of all visible counts, and the visible counts of each cell. */
function visibleShares({ rows, cells, genes }: IncompleteExpression) {
  const [shares, ofCells] = [new Float64Array(genes), new Float64Array(cells)];
  for (let cell = 0; cell < cells; cell++) {
    for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) {
      shares[rows.indices[i]] += rows.values[i];
      ofCells[cell] += rows.values[i];
    }
  }
  const total = ofCells.reduce((a, b) => a + b, 0);
  return { shares: shares.map((sum) => sum / total), ofCells };
}

/** The expected value. */
export const libraryScaledMean: ImputationMethod = {
  id: 'library-scaled-mean',
  name: 'library-scaled gene mean',
  givenNonZero: false,
  async fit(expression) {
    const { shares, ofCells } = visibleShares(expression);
    return (cell, into) => {
      const scale = (ofCells[cell] * targetSum) / expression.totals[cell];
      for (let gene = 0; gene < into.length; gene++) into[gene] = Math.log1p(shares[gene] * scale);
    };
  },
};

/** The value expected of a gene that is seen. */
export const libraryScaledGivenNonZero: ImputationMethod = {
  id: 'library-scaled-given-non-zero',
  name: 'library-scaled gene mean, given non-zero',
  givenNonZero: true,
  async fit(expression) {
    const { shares, ofCells } = visibleShares(expression);
    const correction = 1 / (1 - expression.hiddenShare);
    return (cell, into) => {
      const scale = targetSum / expression.totals[cell];
      for (let gene = 0; gene < into.length; gene++)
        into[gene] = Math.log1p(meanGivenNonZero(shares[gene] * ofCells[cell] * correction) * scale);
    };
  },
};
