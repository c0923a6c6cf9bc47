/** @file Scores of clusters made from joint neighbours, which coordinates show in part only. */

import type { Grouping } from '../../analysis/groups.ts';
import { clusterAgreement } from '../../analysis/metrics/integration.ts';
import type { JointComponents } from '../../analysis/multimodal/joint-components.ts';
import { subgraph } from '../../analysis/multimodal/subgraph.ts';
import { umapConnectivities } from '../../analysis/neighbour-graph.ts';
import type { RunControl } from '../../support/progress.ts';
import type { ScoredRow } from '../evaluate/score-table.ts';

/** The cells that are scored, as rows among all. */
export interface LabelledCells {
  readonly rows: Int32Array;
  readonly labels: Grouping; // [rows]
}

/** Scores of an embedding, those of its clusters replaced by scores of clusters of the joint neighbours. */
export async function scoredByNeighbours(
  row: ScoredRow,
  { neighbours, rows: placed }: Pick<JointComponents, 'neighbours' | 'rows'>,
  { rows, labels }: LabelledCells,
  control: RunControl,
): Promise<ScoredRow> {
  const place = new Map(Array.from(placed, (cell, i) => [cell, i]));
  const graph = subgraph(
    umapConnectivities(neighbours),
    rows.map((cell) => place.get(cell) ?? -1), // cells that are scored have a place
  );
  const { nmi, ari } = await clusterAgreement(graph, labels.codes, [0, 1, 2], control);
  const asw = row.scores.asw_label?.mean ?? Number.NaN;
  const one = (mean: number) => ({ mean, sd: null });
  return {
    ...row,
    scores: { ...row.scores, nmi: one(nmi), ari: one(ari), avg_bio: one((nmi + ari + asw) / 3) },
  };
}
