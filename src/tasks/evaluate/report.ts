/** @file Gathers what the report on an evaluation tells. */

import { basename } from 'node:path';
import { neighbourhoodOf } from '../../analysis/neighbourhood.ts';
import { umap } from '../../analysis/umap.ts';
import type { ReportColumn } from '../../report/columns.ts';
import { score } from '../../report/numbers.ts';
import type {
  CalibrationSection,
  Fact,
  Highlight,
  MapsSection,
  ReportMap,
  ScoresSection,
  Section,
  TaskReport,
} from '../../report/task-report.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { RunControl } from '../../support/progress.ts';
import { count, plural } from '../../support/words.ts';
import { environmentFacts, scoresSection } from '../report-parts.ts';
import type { EvaluatedEmbeddings } from './embedding-scores.ts';
import type { EvaluateOptions, Evaluation } from './evaluate.ts';
import type { EvaluatedPredictions, PredictionDetails } from './prediction-scores.ts';
import { bestOf, isBest, type ScoreTable } from './score-table.ts';

/** More maps would not be looked at. */
const mostMaps = 8;

/** The report as data. */
export async function evaluateReport(
  data: AnnData,
  evaluation: Evaluation,
  options: EvaluateOptions & { readonly command?: string | undefined },
): Promise<TaskReport> {
  const { embeddings, predictions, warnings, cells } = evaluation;
  return {
    task: 'scGPT evaluation',
    title: data.source === undefined ? 'cells' : basename(data.source),
    subtitle: plural(cells, 'cell'),
    summary: summarySentences(evaluation),
    highlights: highlights(evaluation),
    warnings,
    sections: [
      ...(embeddings === null ? [] : await embeddingSections(data, embeddings, options)),
      ...(predictions === null ? [] : predictionSections(predictions)),
    ],
    settings: [
      ['Batches', embeddings?.batch?.name ?? 'not scored'],
      ['Labels, for scoring only', embeddings?.labels?.name ?? 'none'],
      ['Mixing measured against', embeddings?.unintegrated ?? 'nothing'],
      ...(embeddings === null ? [] : [scoredFact(embeddings)]),
      ['Seeds of methods', (options.seeds ?? [0]).join(', ')],
      ['Seeds of clustering', '0, 1, 2'],
      ['Matrix of methods', options.layer ?? 'X'],
      ...(embeddings?.table.rows ?? [])
        .filter(({ origin }) => origin === 'baseline')
        .map(({ name, about }): Fact => [name, about]),
    ],
    environment: environmentFacts(),
    command: options.command,
  };
}

function scoredFact({ rows, sampledFrom }: EvaluatedEmbeddings): Fact {
  const drawn = sampledFrom === null ? '' : `, drawn by the seed of ${count(sampledFrom)}`;
  return ['Cells scored', `${count(rows.length)}${drawn}`];
}

function summarySentences({ embeddings, predictions }: Evaluation): string[] {
  return [
    ...(embeddings === null ? [] : [headline(embeddings.table, embeddings.rows.length, 'embeddings')]),
    ...(predictions === null ? [] : [headline(predictions.table, predictions.cells, 'predictions')]),
    ...(embeddings?.labels == null
      ? []
      : ['Labels were used for scoring only: the methods that were run here did not see them.']),
  ];
}

/** Which row is best by the table's first metric. */
function headline(table: ScoreTable, cells: number, what: string): string {
  const [first] = table.metrics;
  const best = bestOf(table, first);
  const names = table.rows.filter((row) => isBest(row, first, best)).map(({ name }) => name);
  const counted = `${plural(table.rows.length, what.slice(0, -1), what)} scored on ${plural(cells, 'cell')}`;
  return names.length === 0 ? `${counted}.` : `${counted}; best by ${first.name}: ${names.join(' and ')}.`;
}

function highlights({ embeddings, predictions }: Evaluation): Highlight[] {
  return [embeddings, predictions].flatMap((part) => {
    if (part === null) return [];
    const { metrics, rows } = part.table;
    const [first] = metrics;
    return rows
      .filter(({ origin }) => origin === 'data')
      .slice(0, 2)
      .flatMap(({ name, scores }) =>
        scores[first.id] === undefined
          ? []
          : [{ value: score(scores[first.id].mean), label: `${first.name} of ${name}` }],
      );
  });
}

async function embeddingSections(
  data: AnnData,
  embeddings: EvaluatedEmbeddings,
  control: RunControl,
): Promise<Section[]> {
  const { table, batch, labels, unintegrated } = embeddings;
  const notes = [
    'All rows are scored on the same cells; higher is better.',
    ...(unintegrated === null ? [] : [`PCR and structure kept compare with ${unintegrated}.`]),
    ...(labels === null || batch === null
      ? []
      : ['Differences in AvgBIO below 0.02 are within what the seed of clustering does.']),
  ];
  return [
    plainScores('embeddings', 'Embeddings', table, notes.join(' ')),
    await mapsSection(data, embeddings, control),
  ];
}

/** Nothing is marked as ours: what is scored may be any tool's. How baselines were made is told among the settings. */
function plainScores(name: string, title: string, table: ScoreTable, note: string): ScoresSection {
  const section = scoresSection(name, title, table, note);
  const methods = section.methods.map((method, i) => {
    const { origin, about, runs } = table.rows[i];
    const seeds = runs > 1 ? `, mean of ${runs} seeds` : '';
    return { ...method, ours: false, note: origin === 'data' ? about : `built in${seeds}` };
  });
  return { ...section, methods };
}

async function mapsSection(
  data: AnnData,
  { rows, batch, labels, points }: EvaluatedEmbeddings,
  { onProgress, signal }: RunControl,
): Promise<MapsSection> {
  const maps: ReportMap[] = [];
  for (const { name, points: place } of points.slice(0, mostMaps)) {
    const neighbourhood = await neighbourhoodOf(place, undefined, { onProgress, signal });
    const layout = await umap(neighbourhood, rows.length, { onProgress, signal });
    maps.push({ title: name, caption: `UMAP of ${name}, 15 neighbours`, layout });
  }
  const columns = [labels, batch].flatMap((grouping): ReportColumn[] =>
    grouping === null ? [] : [{ kind: 'groups', ...grouping }],
  );
  return {
    kind: 'maps',
    name: 'cells',
    title: 'Maps of the cells',
    note: 'UMAP puts cells with similar embeddings near each other. Distances between groups, their sizes and the axes mean nothing; the scores are computed in the embeddings themselves.',
    notices:
      points.length > mostMaps ? [`The first ${mostMaps} of ${points.length} embeddings are drawn.`] : [],
    cells: Array.from(rows, (row) => data.obs.index[row]),
    maps,
    columns,
    colorBy: columns.map(({ name }) => name),
  };
}

function predictionSections({ table, truth, details }: EvaluatedPredictions): Section[] {
  const note = `Predicted types beside the true ones, obs/${truth}. Cells without a prediction count as wrong.`;
  return [
    plainScores('predictions', 'Predicted types', table, note),
    ...calibrationSections(details),
    ...details.flatMap((column, i): Section[] => [confusion(column, i, truth), types(column, i)]),
  ];
}

function calibrationSections(details: readonly PredictionDetails[]): CalibrationSection[] {
  const curves = details.flatMap(({ column, confidence }) =>
    confidence?.calibration == null ? [] : [{ name: column, ...confidence.calibration }],
  );
  return curves.length === 0
    ? []
    : [
        {
          kind: 'calibration',
          name: 'calibration',
          title: 'Confidence',
          note: 'How often predictions are right by how sure they are; on the diagonal both agree.',
          curves,
        },
      ];
}

function confusion(
  { column, classes, trueClasses, classification, unassigned }: PredictionDetails,
  place: number,
  truth: string,
): Section {
  const width = classes.length + 1;
  const shown = unassigned > 0 ? width : classes.length;
  return {
    kind: 'confusion',
    name: `confusion-${place + 1}`,
    title: `True and predicted types, ${column}`,
    rowTitle: truth,
    columnTitle: column,
    rows: classes.slice(0, trueClasses),
    columns: unassigned > 0 ? [...classes, 'unassigned'] : classes,
    counts: Int32Array.from({ length: trueClasses * shown }, (_, i) => {
      const row = Math.floor(i / shown);
      return classification.confusion[row * width + (i % shown)];
    }),
  };
}

function types({ column, classes, classification }: PredictionDetails, place: number): Section {
  return {
    kind: 'table',
    name: `types-${place + 1}`,
    title: `By type, ${column}`,
    columns: [
      { title: 'type', unit: 'text' },
      { title: 'cells', unit: 'count', bar: true },
      { title: 'precision', unit: 'score', bar: true },
      { title: 'recall', unit: 'score', bar: true },
      { title: 'F1', unit: 'score', bar: true },
    ],
    rows: classes.map((type, code) => {
      const { support, precision, recall, f1 } = classification.classes[code];
      return [type, support, precision, recall, f1];
    }),
  };
}
