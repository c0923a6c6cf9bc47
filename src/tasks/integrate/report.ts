/** @file Gathers what the report on an integration tells. */

import { basename } from 'node:path';
import type { Grouping } from '../../analysis/groups.ts';
import { groupingOf } from '../../analysis/groups.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { ReportColumn } from '../../report/columns.ts';
import { score } from '../../report/numbers.ts';
import type { Highlight, MapsSection, ReportMap, Section, TaskReport } from '../../report/task-report.ts';
import { openDevice } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { RunControl } from '../../support/progress.ts';
import { capitalised, plural } from '../../support/words.ts';
import type { EvaluatedEmbeddings } from '../evaluate/embedding-scores.ts';
import { bestOf, isBest } from '../evaluate/score-table.ts';
import {
  compositionSection,
  curvesSection,
  environmentFacts,
  inputSection,
  markersSection,
  modelFacts,
  scoresSection,
} from '../report-parts.ts';
import type { CorrectedScores } from './corrected-scores.ts';
import type { IntegrateResult } from './integrate.ts';
import { keptEpochOf, keptEpochText } from './kept-epoch.ts';
import { layoutOf } from './placing.ts';
import { integrationNames } from './results.ts';

/** What the report needs besides the result. */
export interface IntegrateReportOptions extends RunControl {
  readonly labelKey?: string | undefined;
  readonly threads?: number | undefined;
  readonly seed?: number | undefined;
  readonly command?: string | undefined;
  readonly warnings: readonly string[];
}

/** Scores of what came out; null where there are none. */
export interface IntegrateScores {
  readonly embeddings: EvaluatedEmbeddings | null;
  readonly corrected: CorrectedScores | null;
}

/** The report as data. */
export async function integrateReport(
  data: AnnData,
  model: LoadedModel,
  result: IntegrateResult,
  { embeddings: scores, corrected }: IntegrateScores,
  options: IntegrateReportOptions,
): Promise<TaskReport> {
  const { cells, clusters, settings, outcome, device, seconds } = result;
  const { batch } = cells;
  const labels =
    options.labelKey === undefined ? null : groupingOf(options.labelKey, data.obs.column(options.labelKey));
  const batches = groupingOf(batch.name, data.obs.column(batch.name));
  const ofRows = (grouping: Grouping): Grouping => ({
    ...grouping,
    codes: cells.rows.map((row) => grouping.codes[row]),
  });
  const genes = Array.from(cells.expression.genes, (gene) => cells.prepared.genes.index[gene]);
  const markers = await markersSection(cells.expression.logged, ofRows(clusters), genes, options);
  const sections: Section[] = [
    await mapsSection(data, result, [labels, batches, clusters], options),
    ...(scores === null
      ? []
      : [
          scoresSection(
            'scores',
            'Scores, beside plain methods',
            scores.table,
            `All rows are scored on the same ${plural(scores.rows.length, 'cell')}; higher is better. ${
              scores.labels === null
                ? 'Without labels, only mixing and structure can be scored.'
                : `Labels (obs/${scores.labels.name}) were used for scoring only.`
            }`,
          ),
        ]),
    ...(corrected === null ? [] : [correctedSection(corrected)]),
    compositionSection('clusters-by-batch', 'Clusters by batch', clusters, batches),
    ...(labels === null
      ? []
      : [compositionSection('clusters-by-label', `Clusters by ${labels.name}`, clusters, labels)]),
    ...(markers === null ? [] : [markers]),
    ...(outcome === null
      ? []
      : [
          curvesSection(
            outcome.history,
            outcome.bestStep,
            'Means over an epoch. The epoch that is kept has the best label-free score: how well batches are mixed, and how well each keeps its own neighbours.',
          ),
        ]),
    inputSection(cells.prepared),
  ];
  return {
    task: 'scGPT integration',
    title: data.source === undefined ? 'cells' : basename(data.source),
    subtitle: `${plural(data.nObs, 'cell')}, ${plural(batch.groups.length, 'batch', 'batches')}, model ${model.name}`,
    summary: summarySentences(data, result, scores),
    highlights: highlights(scores),
    warnings: options.warnings,
    sections,
    model: modelFacts(model),
    settings: [
      ['Batches', `obs/${batch.name}`],
      ['Method', result.method],
      ...Object.entries(settings ?? {}).map(([name, value]) => [name, String(value)] as const),
    ],
    timings: [
      { stage: 'Preparing', seconds: seconds.preparing },
      { stage: 'Training', seconds: seconds.training },
      { stage: 'Neighbours, clusters, map', seconds: seconds.neighbours },
    ],
    environment: environmentFacts(device, options.threads),
    command: options.command,
  };
}

function correctedSection({ table, kinds, cells }: CorrectedScores): Section {
  const note = `Kinds of cells are ${kinds}; scored on ${plural(cells, 'cell')}. Where all differences shrink, those of batches do, and those of kinds: look at both. Corrected values are for drawing and for methods that cannot take batches; test for differences on counts, with the batch in the model.`;
  return scoresSection('corrected', 'Corrected expression', table, note);
}

/** What came out, and honestly whether it was worth it. */
function summarySentences(
  data: AnnData,
  { cells, clusters, outcome, method }: IntegrateResult,
  scores: EvaluatedEmbeddings | null,
): string[] {
  const sentences = [
    `${plural(data.nObs, 'cell')} of ${plural(cells.batch.groups.length, 'batch', 'batches')} integrated, in ${plural(clusters.groups.length, 'cluster')}.`,
    `What was done: ${method}.`,
  ];
  if (outcome !== null) sentences.push(`${capitalised(keptEpochText(keptEpochOf(outcome)))}.`);
  const [metric] = scores?.table.metrics ?? [];
  if (scores === null || metric === undefined) return sentences;
  const best = bestOf(scores.table, metric);
  const ours = scores.table.rows.find(({ name }) => name === integrationNames.integrated);
  if (ours !== undefined && isBest(ours, metric, best)) {
    return [...sentences, `By ${metric.name} it is the best of the methods compared here.`];
  }
  const better = scores.table.rows.filter((row) => isBest(row, metric, best)).map(({ name }) => name);
  return [
    ...sentences,
    `By ${metric.name}, ${better.join(' and ')} did better on these cells: look at both before you choose.`,
  ];
}

function highlights(scores: EvaluatedEmbeddings | null): Highlight[] {
  const row = scores?.table.rows.find(({ name }) => name === integrationNames.integrated);
  if (row === undefined || scores === null) return [];
  return scores.table.metrics.slice(0, 3).flatMap(({ id, name }) => {
    const value = row.scores[id]?.mean;
    return value === undefined ? [] : [{ value: score(value), label: name, share: value }];
  });
}

async function mapsSection(
  data: AnnData,
  { layout, cellEmbedding, uncorrected, settings, device: name }: IntegrateResult,
  groupings: readonly (Grouping | null)[],
  { threads, onProgress, signal }: IntegrateReportOptions,
): Promise<MapsSection> {
  const device = await openDevice({ device: name, threads });
  const control = { onProgress, signal };
  const alone = (settings?.jointWeight ?? 0) > 0;
  const maps: ReportMap[] = [
    { title: 'Integrated', caption: 'UMAP of the result, 15 neighbours', layout },
    ...(alone
      ? [
          {
            title: 'Cell embedding alone',
            caption: 'UMAP of what the fine-tuned model gives by itself',
            layout: await layoutOf(cellEmbedding, device, control),
          },
        ]
      : []),
    {
      title: 'Uncorrected',
      caption: `UMAP of ${uncorrected.shape[1]} principal components, nothing corrected`,
      layout: await layoutOf(uncorrected, device, control),
    },
  ];
  const columns = groupings.flatMap((grouping): ReportColumn[] =>
    grouping === null ? [] : [{ kind: 'groups', ...grouping }],
  );
  return {
    kind: 'maps',
    name: 'cells',
    title: 'Maps of the cells',
    note: 'UMAP puts cells with similar embeddings near each other. Distances between groups, their sizes and the axes mean nothing; scores are computed in the embeddings themselves.',
    cells: data.obs.index,
    maps,
    columns,
    colorBy: columns.slice(0, 2).map(({ name }) => name),
  };
}
