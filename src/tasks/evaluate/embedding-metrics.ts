/** @file Scores of embeddings: their names, and how they are computed from cells that are scored. */

import type { Grouping } from '../../analysis/groups.ts';
import { batchMixing } from '../../analysis/metrics/batch-mixing.ts';
import { integrationScores } from '../../analysis/metrics/integration.ts';
import { labelFreeScore } from '../../analysis/metrics/label-free.ts';
import type { Points } from '../../analysis/points.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Metric } from './score-table.ts';
import type { ScoredCells } from './scored-cells.ts';

const groups: Readonly<Record<string, readonly (readonly [id: string, name: string, about: string])[]>> = {
  Summary: [
    ['overall', 'overall', '0.6 AvgBIO + 0.4 AvgBATCH, as in the scGPT paper'],
    ['avg_bio', 'AvgBIO', 'types kept apart: mean of NMI, ARI and ASW label'],
    ['avg_batch', 'AvgBATCH', 'batches mixed: mean of graph connectivity and ASW batch'],
  ],
  'Types kept apart': [
    ['nmi', 'NMI', 'agreement of Leiden clusters and labels, at the best of 20 resolutions'],
    ['ari', 'ARI', 'the same counted in pairs of cells; moves by up to 0.05 with the seed of clustering'],
    ['asw_label', 'ASW label', 'how compact and separate types are (silhouette)'],
    ['isolated_labels', 'isolated labels', 'the same of the types that the fewest batches have'],
    ['clisi', 'cLISI', 'how few types a cell has among its 90 neighbours'],
  ],
  'Batches mixed': [
    ['graph_connectivity', 'graph conn', 'share of a type that hangs together in the graph of neighbours'],
    ['asw_batch', 'ASW batch', 'how little batches separate within a type (silhouette)'],
    ['kbet', 'kBET', 'share of cells whose neighbours within their type are of all batches as by chance'],
    ['kbet_all', 'kBET, all cells', 'the same without types: those of one batch alone count as unmixed'],
    ['ilisi', 'iLISI', 'how many batches a cell has among its 90 neighbours'],
    ['pcr', 'PCR', 'how much less of the variance batches explain than before integration'],
  ],
  'Without labels': [
    [
      'structure_kept',
      'structure kept',
      "share of a cell's neighbours in its batch that were so before integration",
    ],
    ['label_free', 'label-free', 'mean of iLISI and structure kept, which no label takes part in'],
  ],
};

/** Scores of embeddings, 0 to 1 (ARI can fall below 0). */
export const embeddingMetrics: readonly Metric[] = Object.entries(groups).flatMap(([group, members]) =>
  members.map(([id, name, about]) => ({ id, name, about, group, better: 'high' })),
);

/**
 * Scores one embedding.
 *
 * @param unintegrated the same cells without correction; null leaves out what is measured against it
 */
export async function scoreEmbedding(
  points: Points,
  { batch, labels }: Pick<ScoredCells, 'batch' | 'labels'>,
  unintegrated: Points | null,
  control: RunControl,
): Promise<Record<string, number>> {
  const before = unintegrated ?? undefined;
  return {
    ...(labels === null ? {} : await labelScores(points, labels, batch, before, control)),
    ...(labels === null && batch !== null ? await mixingScores(points, batch, before, control) : {}),
    ...(batch !== null && before !== undefined ? await labelFreeScores(points, before, batch, control) : {}),
  };
}

async function labelScores(
  points: Points,
  labels: Grouping,
  batch: Grouping | null,
  unintegrated: Points | undefined,
  control: RunControl,
): Promise<Record<string, number>> {
  const together: Grouping = { name: 'batch', codes: new Int32Array(points.count), groups: ['all'] };
  const options = { ...control, more: { unintegrated } };
  const scores = await integrationScores(points, batch ?? together, labels, options);
  const ofLabels = {
    avg_bio: scores.avgBio,
    nmi: scores.nmi,
    ari: scores.ari,
    asw_label: scores.aswLabel,
    graph_connectivity: scores.graphConnectivity,
    clisi: scores.cLisi,
  };
  if (batch === null) return ofLabels;
  return {
    ...ofLabels,
    overall: scores.overall,
    avg_batch: scores.avgBatch,
    asw_batch: scores.aswBatch,
    isolated_labels: scores.isolatedLabels,
    ilisi: scores.iLisi,
    kbet: scores.kBet,
    pcr: scores.pcrComparison ?? Number.NaN,
  };
}

async function mixingScores(
  points: Points,
  batch: Grouping,
  unintegrated: Points | undefined,
  control: RunControl,
): Promise<Record<string, number>> {
  const { iLisi, kBet, pcrComparison } = await batchMixing(points, batch, { ...control, unintegrated });
  return { ilisi: iLisi, kbet_all: kBet, pcr: pcrComparison ?? Number.NaN };
}

async function labelFreeScores(
  points: Points,
  unintegrated: Points,
  batch: Grouping,
  control: RunControl,
): Promise<Record<string, number>> {
  const { score, kept } = await labelFreeScore(points, unintegrated, batch, control);
  return { label_free: score, structure_kept: kept };
}
