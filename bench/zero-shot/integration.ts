/** @file Integration scores of embeddings and of principal components, by the definitions of `benchmarks/integration.md`. */

import { pcaBaseline } from '../../src/analysis/baseline.ts';
import { groupingOf } from '../../src/analysis/groups.ts';
import { type IntegrationScores, integrationScores } from '../../src/analysis/metrics/integration.ts';
import { finiteRows, type Points, pointsOf, takeRows } from '../../src/analysis/points.ts';
import { columnRows, subsetObs } from '../../src/single-cell/subset.ts';
import { components, evenlySpread, type IntegrationSet } from '../tasks/integration-sets.ts';
import type { CellFiles } from './cells.ts';

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
