/** @file How well hidden genes are told of cells that lack them. */

import { correlation } from '../../correlation.ts';
import type { IncompleteExpression } from '../incomplete-expression.ts';
import type { ImputedRows } from '../method.ts';
import { auroc, meanRanks } from '../scores.ts';
import type { PanelTruth } from './method.ts';

/** Genes seen in a smaller share of the cells of either side are not scored alone. */
const leastShare = 0.02;

/** Means over genes and over cells. */
export interface PanelScores {
  readonly pearsonPerGene: number;
  readonly spearmanPerGene: number;
  readonly pearsonPerCell: number;
  /** Of all entries, zeros too. */
  readonly mse: number;
  /** Of entries above zero against zeros. */
  readonly aurocPerCell: number;
  readonly genes: number;
}

/** The genes that are seen often enough on both sides. */
export function scoredGenes({ reference, query }: PanelTruth): Int32Array {
  const shares = [reference, query].map(({ rows, cells, genes }) => {
    const seen = new Float64Array(genes);
    for (const gene of rows.indices) seen[gene] += 1 / cells;
    return seen;
  });
  return Int32Array.from(shares[0].keys()).filter((gene) =>
    shares.every((seen) => seen[gene] >= leastShare - 1e-12),
  );
}

/** Scores predictions of all query cells; a correlation with constant values counts as 0. */
export function panelScores(predicted: ImputedRows, truth: PanelTruth): PanelScores {
  const { query } = truth;
  const chosen = scoredGenes(truth);
  const columns = Array.from(chosen, () => ({
    predicted: new Float64Array(query.cells),
    truth: new Float64Array(query.cells),
  }));
  const [row, wanted] = [new Float64Array(query.genes), new Float64Array(query.genes)];
  const sums = { pearson: 0, auroc: 0, mse: 0, cells: 0 };
  for (let cell = 0; cell < query.cells; cell++) {
    predicted(cell, row);
    wholeRow(query, cell, wanted);
    columns.forEach((column, i) => {
      column.predicted[cell] = row[chosen[i]];
      column.truth[cell] = wanted[chosen[i]];
    });
    sums.pearson += orZero(correlation(row, wanted));
    sums.auroc += auroc(
      row.filter((_, gene) => wanted[gene] > 0),
      row.filter((_, gene) => wanted[gene] === 0),
    );
    sums.mse += row.reduce((sum, value, gene) => sum + (value - wanted[gene]) ** 2, 0) / row.length;
  }
  const overGenes = (of: (column: (typeof columns)[number]) => number) =>
    columns.reduce((sum, column) => sum + orZero(of(column)), 0) / columns.length;
  return {
    pearsonPerGene: overGenes((column) => correlation(column.predicted, column.truth)),
    spearmanPerGene: overGenes((column) => correlation(meanRanks(column.predicted), meanRanks(column.truth))),
    pearsonPerCell: sums.pearson / query.cells,
    mse: sums.mse / query.cells,
    aurocPerCell: sums.auroc / query.cells,
    genes: columns.length,
  };
}

/** A cell's logged values, zeros too. */
export function wholeRow({ rows, logged }: IncompleteExpression, cell: number, into: Float64Array): void {
  into.fill(0);
  for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) into[rows.indices[i]] = logged[i];
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
