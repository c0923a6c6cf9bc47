/** @file Integration scores of embeddings and of principal components, by the definitions of `benchmarks/integration.md`. */

import { pcaBaseline } from '../../src/analysis/baseline.ts';
import { groupingOf } from '../../src/analysis/groups.ts';
import { type IntegrationScores, integrationScores } from '../../src/analysis/metrics/integration.ts';
import { finiteRows, type Points, pointsOf, takeRows } from '../../src/analysis/points.ts';
import { columnRows, subsetObs } from '../../src/single-cell/subset.ts';
import type { CellFiles } from './cells.ts';

/** A set of cells with batches and labels. */
export interface IntegrationSet {
  readonly name: string;
  readonly file: string;
  /** Columns of obs. */
  readonly batch: string;
  readonly label: string;
  /** Cells, spread evenly over the file; default all. */
  readonly cells?: number;
}

export const integrationSets: readonly IntegrationSet[] = [
  { name: 'symphony_pbmc_3tech', file: 'symphony_pbmc_3tech', batch: 'batch', label: 'cell_type' },
  { name: 'kang_ifnb_labelled', file: 'kang_ifnb_labelled', batch: 'batch', label: 'cell_type_coarse' },
  { name: 'kang_ctrl_4000', file: 'kang_ctrl_8donors', batch: 'donor', label: 'cell_type', cells: 4000 },
  { name: 'sc_mixology_cell_lines', file: 'sc_mixology_cell_lines', batch: 'batch', label: 'cell_line' },
  { name: 'pancreas_5tech', file: 'pancreas_5tech', batch: 'technology', label: 'cell_type' },
];

/** Components of every linear embedding of the benchmark. */
const components = 30;

/** Scores of one set. */
export interface IntegrationResult {
  readonly set: string;
  /** Cells that have an embedding: both are scored on these. */
  readonly cells: number;
  readonly embedding: IntegrationScores;
  readonly pca: IntegrationScores;
  /** How the principal components were made, in words. */
  readonly pcaMethod: string;
}

export async function scoreIntegration(set: IntegrationSet, files: CellFiles): Promise<IntegrationResult> {
  const file = await files.open(set.file);
  const rows = evenlySpread(file.data.nObs, set.cells ?? file.data.nObs);
  const embedded = await file.points(rows);
  const { obs, X } = subsetObs(file.data, rows);
  if (X === null) throw new Error(`${set.file} has no X`);
  const baseline = await pcaBaseline(X, { scale: 'linear', components });
  const kept = finiteRows(embedded);
  const grouping = (column: string) => groupingOf(column, columnRows(obs.column(column), kept));
  const score = (points: Points) =>
    integrationScores(takeRows(points, kept), grouping(set.batch), grouping(set.label));
  return {
    set: set.name,
    cells: kept.length,
    embedding: await score(embedded),
    pca: await score(pointsOf(baseline.scores)),
    pcaMethod: baseline.method,
  };
}

/** Row i of n is kept when floor((i + 1) count / n) > floor(i count / n). */
function evenlySpread(n: number, count: number): Int32Array {
  const rows = Int32Array.from({ length: n }, (_, row) => row);
  return rows.filter((i) => Math.floor(((i + 1) * count) / n) > Math.floor((i * count) / n));
}
