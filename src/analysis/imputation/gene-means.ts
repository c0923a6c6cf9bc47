/** @file Means of genes over all cells: what anyone would say of a gene without looking at the cell. */

import type { IncompleteExpression } from './incomplete-expression.ts';
import type { ImputationMethod } from './method.ts';

/** Sums of logged values and how many there are. */
export function geneSums({ rows, logged, genes }: IncompleteExpression): {
  readonly sums: Float64Array; // [genes]
  readonly seen: Float64Array; // [genes]
} {
  const [sums, seen] = [new Float64Array(genes), new Float64Array(genes)];
  for (let i = 0; i < logged.length; i++) {
    sums[rows.indices[i]] += logged[i];
    seen[rows.indices[i]]++;
  }
  return { sums, seen };
}

/** Means of values above zero; that of all such values for genes without one. */
export function meansOfNonZero(expression: IncompleteExpression): Float64Array {
  const { sums, seen } = geneSums(expression);
  const overall = sums.reduce((a, b) => a + b, 0) / Math.max(1, expression.logged.length);
  return sums.map((sum, gene) => (seen[gene] === 0 ? overall : sum / seen[gene]));
}

/** The mean over all cells, zeros too. */
export const geneMean: ImputationMethod = {
  id: 'gene-mean',
  name: 'gene mean',
  givenNonZero: false,
  async fit(expression) {
    const means = geneSums(expression).sums.map((sum) => sum / expression.cells);
    return (_cell, into) => into.set(means);
  },
};

/** The mean over the cells in which the gene is seen. */
export const nonZeroGeneMean: ImputationMethod = {
  id: 'gene-mean-non-zero',
  name: 'gene mean of non-zero entries',
  givenNonZero: true,
  async fit(expression) {
    const means = meansOfNonZero(expression);
    return (_cell, into) => into.set(means);
  },
};
