/** @file Tables of the benchmarks: our runs and other tools' stored scores of a set, the best first. */

import { spread } from '../../src/tasks/evaluate/score-table.ts';
import type { Row } from '../support/table.ts';
import type { StoredPeers } from './peers.ts';
import type { Run } from './runs.ts';

/** A column: the name of a score, its heading, and whether low values are the good ones. */
export type ScoreColumn = readonly [score: string, title: string, good?: 'low'];

export const integrationColumns: readonly ScoreColumn[] = [
  ['overall', 'overall'],
  ['AvgBIO', 'AvgBIO'],
  ['AvgBATCH', 'AvgBATCH'],
  ['NMI', 'NMI'],
  ['ARI', 'ARI'],
  ['ASW_label', 'ASW label'],
  ['graph_conn', 'graph conn'],
  ['ASW_batch', 'ASW batch'],
  ['iLISI', 'iLISI'],
  ['cLISI', 'cLISI'],
  ['kBET', 'kBET'],
  ['PCR', 'PCR'],
];

export const annotationColumns: readonly ScoreColumn[] = [
  ['macro_F1', 'macro F1'],
  ['accuracy', 'accuracy'],
  ['weighted_F1', 'weighted F1'],
  ['macro_precision', 'macro precision'],
  ['macro_recall', 'macro recall'],
  ['accuracy_broad', 'accuracy broad'],
  ['macro_F1_broad', 'macro F1 broad'],
];

export const unseenColumns: readonly ScoreColumn[] = [
  ['AUROC_unseen', 'AUROC unseen'],
  ['accuracy_known', 'accuracy known'],
];

export const knockOutColumns: readonly ScoreColumn[] = [
  ['pearson_delta_xctrl', 'delta, separate controls'],
  ['pearson_centred', 'centred'],
  ['pearson_delta', 'delta'],
  ['pearson_delta_topDE', 'delta, 20 DE'],
  ['pearson_centred_topDE', 'centred, 20 DE'],
  ['mse_topDE', 'MSE, 20 DE', 'low'],
  ['discrimination', 'discrimination'],
  ['pearson', 'Pearson'],
];

export const contextColumns: readonly ScoreColumn[] = [
  ['pearson_delta', 'delta'],
  ['pearson_centred', 'centred'],
  ['pearson_delta_top20', 'delta, 20 DE'],
  ['pearson_delta_top100', 'delta, 100 DE'],
  ['r2', 'R2'],
  ['r2_top100', 'R2, 100 DE'],
  ['mse', 'MSE', 'low'],
  ['mse_top20', 'MSE, 20 DE', 'low'],
  ['discrimination', 'discrimination'],
];

export const hiddenEntryColumns: readonly ScoreColumn[] = [
  ['pearson_per_cell', 'Pearson per cell'],
  ['spearman_per_cell', 'Spearman per cell'],
  ['auroc_nonzero_per_cell', 'AUROC non-zero'],
  ['mse', 'MSE', 'low'],
  ['mse_after_linear_fit', 'MSE after linear fit', 'low'],
  ['pearson_pooled', 'Pearson pooled'],
  ['pearson_per_gene', 'Pearson per gene'],
];

export const panelColumns: readonly ScoreColumn[] = [
  ['pearson_per_gene', 'Pearson per gene'],
  ['spearman_per_gene', 'Spearman per gene'],
  ['pearson_per_cell', 'Pearson per cell'],
  ['mse', 'MSE', 'low'],
  ['auroc_nonzero_per_cell', 'AUROC non-zero'],
];

/** A row before its numbers become text. */
interface Line {
  readonly method: string;
  readonly ours: boolean;
  /** False for what sees the labels that it is scored with: it is in no contest. */
  readonly ranked: boolean;
  readonly means: Readonly<Record<string, number>>;
  readonly deviations: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly seconds: number | null;
}

/**
 * Rows of a set, the best by the first column first; ours in italics, the best value of a column bold.
 *
 * @param labelsAllowed annotators see labels of the reference, as they should
 */
export function tableOf(
  set: string,
  columns: readonly ScoreColumn[],
  runs: readonly Run[],
  peers: StoredPeers,
  { labelsAllowed }: { labelsAllowed: boolean },
): Row[] {
  const lines = [...ourLines(runs), ...peerLines(set, peers, labelsAllowed)];
  const shown = columns.filter(([score]) => lines.some(({ means }) => score in means));
  const [[first]] = columns;
  const rank = (line: Line) => line.means[first] ?? Number.NEGATIVE_INFINITY;
  lines.sort((a, b) => rank(b) - rank(a) || (a.method < b.method ? -1 : 1));
  const best = new Map(
    shown.map(([score, , good]) => {
      const values = lines.flatMap(({ ranked, means }) =>
        ranked && means[score] !== undefined ? [rounded(means[score])] : [],
      );
      return [score, good === 'low' ? Math.min(...values) : Math.max(...values)];
    }),
  );
  return lines.map((line) => ({
    method: `${line.ours ? `*${line.method}*` : line.method}${line.ranked ? '' : ' (sees labels)'}`,
    ...Object.fromEntries(
      shown.map(([score, title]) => [title, cell(line, score, best.get(score) ?? Number.NaN)]),
    ),
    runs: line.runs,
    s: line.seconds === null ? '–' : line.seconds.toFixed(1),
  }));
}

function ourLines(runs: readonly Run[]): Line[] {
  const methods = new Map<string, Run[]>();
  for (const run of runs) methods.set(run.method, [...(methods.get(run.method) ?? []), run]);
  return Array.from(methods.values(), (those) => {
    const means: Record<string, number> = {};
    const deviations: Record<string, number> = {};
    for (const score of Object.keys(those[0].scores)) {
      const { mean, sd } = spread(those.map(({ scores }) => scores[score]).filter(Number.isFinite));
      if (!Number.isNaN(mean)) means[score] = mean;
      if (sd !== null) deviations[score] = sd;
    }
    return {
      method: those[0].name,
      ours: true,
      ranked: true,
      means,
      deviations,
      runs: those.length,
      seconds: spread(those.map(({ seconds }) => seconds)).mean,
    };
  });
}

function peerLines(set: string, peers: StoredPeers, labelsAllowed: boolean): Line[] {
  return peers.on(set).map(({ method, scores, deviations, runs, seconds, usesLabels }) => ({
    method,
    ours: false,
    ranked: labelsAllowed || !usesLabels,
    means: scores,
    deviations,
    runs,
    seconds,
  }));
}

function cell({ means, deviations, ranked }: Line, score: string, best: number): string {
  if (means[score] === undefined) return '–';
  const number = means[score].toFixed(3);
  const marked = ranked && rounded(means[score]) === best ? `**${number}**` : number;
  const deviation = deviations[score] ?? 0;
  return deviation >= 0.0005 ? `${marked} ±${deviation.toFixed(3)}` : marked;
}

/** As it is shown: what looks equal is equally good. */
function rounded(value: number | undefined): number {
  return value === undefined ? Number.NEGATIVE_INFINITY : Math.round(value * 1000);
}
