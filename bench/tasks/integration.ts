/** @file Prepares the cells of integration sets and scores embeddings of them, by `benchmarks/integration.md`. */

import { type Grouping, groupingOf } from '../../src/analysis/groups.ts';
import { integrationScores } from '../../src/analysis/metrics/integration.ts';
import { pca } from '../../src/analysis/pca.ts';
import { finiteRows, type Points, pointsOf, takeRows } from '../../src/analysis/points.ts';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { DataFrame } from '../../src/single-cell/data-frame.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import { log1p, normalizeTotal } from '../../src/single-cell/preprocess/normalize.ts';
import { selectGenes } from '../../src/single-cell/preprocess/views.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import type { IntegrationCells } from './contenders.ts';
import type { BenchmarkFiles } from './files.ts';
import { components, evenlySpread, type IntegrationSet } from './integration-sets.ts';

/** The cells and, for scoring alone, their labels. */
export interface PreparedSet {
  readonly cells: IntegrationCells;
  readonly labels: Grouping;
  /** What correction is measured against: 30 components of the same expression. */
  readonly uncorrected: Points;
}

export async function prepareSet(set: IntegrationSet, files: BenchmarkFiles): Promise<PreparedSet> {
  const whole = await files.open(set.file);
  const chosen = subsetObs(whole, evenlySpread(whole.nObs, set.cells ?? whole.nObs));
  if (chosen.X === null) throw new Error(`${set.file} has no X`);
  const genes = files.columns(`integration_${set.name}`, chosen.var.index);
  const { matrix } = await normalizeTotal(chosen.X, 1e4);
  const logged = await inMemory(selectGenes(log1p(matrix), genes));
  const batch = chosen.obs.column(set.batch);
  return {
    cells: {
      set: set.name,
      data: new AnnData({
        obs: new DataFrame(chosen.obs.index, [[set.batch, batch]]),
        var: chosen.var,
        X: chosen.X,
        source: set.file,
      }),
      batchKey: set.batch,
      batch: groupingOf(set.batch, batch),
      expression: {
        logged,
        given: selectGenes(chosen.X, genes),
        genes,
        scale: 'linear',
        method: `counts normalised to 10,000 a cell, log(1 + x), the benchmark's ${genes.length} genes`,
      },
      genes: Array.from(genes, (column) => chosen.var.index[column]),
    },
    labels: groupingOf(set.label, chosen.obs.column(set.label)),
    uncorrected: pointsOf((await pca(logged, components)).scores),
  };
}

/** Scores by the benchmark's names. */
export async function scoreSet(
  points: Points,
  { cells, labels, uncorrected }: PreparedSet,
): Promise<Record<string, number>> {
  const kept = finiteRows(points);
  const of = (grouping: Grouping): Grouping => ({
    ...grouping,
    codes: kept.map((row) => grouping.codes[row]),
  });
  const scores = await integrationScores(takeRows(points, kept), of(cells.batch), of(labels), {
    more: { unintegrated: takeRows(uncorrected, kept) },
  });
  return {
    overall: scores.overall,
    AvgBIO: scores.avgBio,
    AvgBATCH: scores.avgBatch,
    NMI: scores.nmi,
    ARI: scores.ari,
    ASW_label: scores.aswLabel,
    graph_conn: scores.graphConnectivity,
    ASW_batch: scores.aswBatch,
    iLISI: scores.iLisi,
    cLISI: scores.cLisi,
    kBET: scores.kBet,
    PCR: scores.pcrComparison ?? Number.NaN,
  };
}
