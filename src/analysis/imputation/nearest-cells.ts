/** @file What the cells most like a cell say of its genes. */

import type { RunControl } from '../../support/progress.ts';
import { meansOfNonZero } from './gene-means.ts';
import { type IncompleteExpression, targetSum } from './incomplete-expression.ts';
import type { ImputationMethod, ImputedRows } from './method.ts';
import { meanGivenNonZero } from './truncated-poisson.ts';

/** The cell itself and its `k` nearest in 30 principal components. */
async function nearestCells(expression: IncompleteExpression, k: number, control?: RunControl) {
  const found = await expression.neighbours(k, control);
  return (cell: number): Int32Array => {
    const cells = new Int32Array(found.k + 1);
    cells[0] = cell;
    cells.set(found.indices.subarray(cell * found.k, (cell + 1) * found.k), 1);
    return cells;
  };
}

/** The mean of logged values, zeros too. */
export const nearestSmoothing = (k: number): ImputationMethod => ({
  id: `knn-smoothing-${k}`,
  name: `kNN smoothing (k=${k}, 30 PCs)`,
  givenNonZero: false,
  async fit(expression, control) {
    const near = await nearestCells(expression, k, control);
    const { rows, logged } = expression;
    return (cell, into) => {
      into.fill(0);
      const cells = near(cell);
      for (const other of cells) {
        for (let i = rows.indptr[other]; i < rows.indptr[other + 1]; i++) {
          into[rows.indices[i]] += logged[i] / cells.length;
        }
      }
    };
  },
});

/** The mean of values above zero; that of all cells where no near one has the gene. */
export const nearestNonZeroMean = (k: number): ImputationMethod => ({
  id: `knn-non-zero-${k}`,
  name: `kNN mean of non-zero entries (k=${k})`,
  givenNonZero: true,
  async fit(expression, control) {
    const near = await nearestCells(expression, k, control);
    const { rows, logged } = expression;
    const overall = meansOfNonZero(expression);
    const seen = new Float64Array(expression.genes);
    return (cell, into) => {
      into.fill(0);
      seen.fill(0);
      for (const other of near(cell)) {
        for (let i = rows.indptr[other]; i < rows.indptr[other + 1]; i++) {
          into[rows.indices[i]] += logged[i];
          seen[rows.indices[i]]++;
        }
      }
      for (let gene = 0; gene < into.length; gene++)
        into[gene] = seen[gene] === 0 ? overall[gene] : into[gene] / seen[gene];
    };
  },
});

/** Writes the counts that the near cells let one expect of each gene of a cell, were nothing hidden. */
export async function nearestRates(
  expression: IncompleteExpression,
  k: number,
  control?: RunControl,
): Promise<ImputedRows> {
  const near = await nearestCells(expression, k, control);
  const { rows, totals } = expression;
  const correction = 1 / (1 - expression.hiddenShare);
  return (cell, into) => {
    into.fill(0);
    const cells = near(cell);
    for (const other of cells) {
      const scale = (correction * totals[cell]) / (totals[other] * cells.length);
      for (let i = rows.indptr[other]; i < rows.indptr[other + 1]; i++)
        into[rows.indices[i]] += rows.values[i] * scale;
    }
  };
}

/** The value expected of a gene that is seen, were its counts Poisson with the rate of the near cells. */
export const nearestRate = (k: number): ImputationMethod => ({
  id: `knn-rate-${k}`,
  name: `kNN rate (k=${k}), given non-zero`,
  givenNonZero: true,
  async fit(expression, control) {
    const rates = await nearestRates(expression, k, control);
    return (cell, into) => {
      rates(cell, into);
      const scale = targetSum / expression.totals[cell];
      for (let gene = 0; gene < into.length; gene++)
        into[gene] = Math.log1p(meanGivenNonZero(into[gene]) * scale);
    };
  },
});
