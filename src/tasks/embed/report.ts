/** @file Gathers what the report on an embedding run tells, the baseline beside the model included. */

import { baselineScale, pcaBaseline } from '../../analysis/baseline.ts';
import type { Grouping } from '../../analysis/groups.ts';
import { neighbourhoodOf } from '../../analysis/neighbourhood.ts';
import { pointsOf } from '../../analysis/points.ts';
import { type QuickScores, quickScores } from '../../analysis/quick-scores.ts';
import { umap } from '../../analysis/umap.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { defaultColumn, genesReadName, reportColumns } from '../../report/columns.ts';
import { renderTaskReport } from '../../report/render.ts';
import type { ReportMap, Section, TaskReport } from '../../report/task-report.ts';
import type { AnnData, DenseArray } from '../../single-cell/anndata.ts';
import { InputError, isScgptError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { count, plural } from '../../support/words.ts';
import { environmentFacts, inputSection, modelFacts, type ReportContext } from '../report-parts.ts';
import type { EmbedResult } from './embed.ts';

/** What the report needs besides the result. */
export interface EmbedReportOptions extends ReportContext {
  /** The obs column cells are coloured by at first; default the first that sounds like cell types. */
  readonly colorBy?: string | undefined;
  /** Show the PCA baseline. Default true. */
  readonly baseline?: boolean | undefined;
}

/** The report as one HTML page. */
export async function renderEmbedReport(
  data: AnnData,
  model: LoadedModel,
  result: EmbedResult,
  options: EmbedReportOptions,
): Promise<string> {
  return renderTaskReport(await embedReport(data, model, result, options));
}

async function embedReport(
  data: AnnData,
  model: LoadedModel,
  result: EmbedResult,
  options: EmbedReportOptions,
): Promise<TaskReport> {
  const { prepared, settings, seconds } = result;
  const sections = await embedSections(data, result, options);
  return {
    task: 'scGPT cell embeddings',
    title: fileName(data.source ?? 'cells'),
    subtitle: `${plural(data.nObs, 'cell')}, ${plural(prepared.matrix.shape[1], 'gene')}, model ${model.name}`,
    summary: summarySentences(data, model, result),
    warnings: options.warnings,
    sections: sections.sections,
    model: modelFacts(model),
    settings: [
      ['Matrix', settings.matrix],
      ['Most tokens of a cell', String(settings.maxLength)],
      ['Value bins', `${settings.bins}, ties ${settings.binning}`],
      ['Seed', String(settings.seed)],
      ['Precision', settings.precision],
      ...result.conditions.map(({ name, from }) => [`Condition ${name}`, from ?? 'not given'] as const),
      ['Baseline', sections.baseline],
    ],
    timings: [
      { stage: 'Preparing', seconds: seconds.preparing },
      { stage: 'Embedding', seconds: seconds.embedding },
    ],
    environment: environmentFacts(settings.device, options.threads),
    command: options.command,
  };
}

/** Maps, scores and input, and what the simple method beside the model did. */
async function embedSections(
  data: AnnData,
  result: EmbedResult,
  options: EmbedReportOptions,
): Promise<{ readonly sections: readonly Section[]; readonly baseline: string }> {
  const { prepared } = result;
  const { columns: ofObs, leftOut } = reportColumns(data.obs);
  const genesRead = {
    kind: 'numbers',
    name: genesReadName,
    values: Float32Array.from(result.genesRead),
  } as const;
  const columns = [...ofObs, genesRead];
  const groupings = ofObs.filter((column) => column.kind === 'groups');
  const model = await mapAndScores(
    'scGPT',
    'UMAP of the cell embeddings, 15 neighbours',
    result.embeddings,
    data,
    groupings,
    options,
  );
  const baseline = await baselineSide(data, result, groupings, options);
  const colorBy = options.colorBy ?? defaultColumn(columns);
  const found = 'map' in baseline;
  const sections: Section[] = [
    {
      kind: 'maps',
      name: 'cells',
      title: 'Map of the cells',
      note: `UMAP puts cells with similar embeddings near each other. Distances between groups, their sizes and the axes mean nothing; the scores below are computed in the embedding itself.${found ? ' Point at a cell to find it in both maps.' : ''}`,
      notices: found ? [] : [`No baseline. ${baseline.missing}`],
      cells: data.obs.index,
      maps: found ? [model.map, baseline.map] : [model.map],
      columns,
      colorBy: colorBy === null ? [] : [colorBy],
      columnsLeftOut: leftOut,
    },
    {
      kind: 'quick-scores',
      name: 'scores',
      title: 'Scores, beside the simple method',
      model: { title: model.map.title, scores: model.scores },
      baseline: found ? { title: baseline.map.title, scores: baseline.scores } : null,
      first: colorBy,
    },
    inputSection(prepared, { title: 'Input' }),
  ];
  return { sections, baseline: found ? baseline.method : 'none' };
}

/** The simple method beside the model: what it did, or why it is missing. */
type Baseline =
  | { readonly method: string; readonly map: ReportMap; readonly scores: readonly QuickScores[] }
  | { readonly missing: string };

async function mapAndScores(
  title: string,
  caption: string,
  embedding: DenseArray,
  data: AnnData,
  groupings: readonly Grouping[],
  control: RunControl,
): Promise<{ readonly map: ReportMap; readonly scores: readonly QuickScores[] }> {
  const neighbourhood = await neighbourhoodOf(pointsOf(embedding), undefined, control);
  const layout = await umap(neighbourhood, data.nObs, control);
  return {
    map: { title, caption, layout },
    scores: await quickScores(neighbourhood, groupings, data.obs.index, control),
  };
}

async function baselineSide(
  data: AnnData,
  { prepared }: EmbedResult,
  groupings: readonly Grouping[],
  options: EmbedReportOptions,
): Promise<Baseline> {
  if (options.baseline === false) return { missing: 'It was left out on request.' };
  try {
    const scale = baselineScale(prepared.diagnosis.kind);
    const found = await pcaBaseline(prepared.matrix, {
      scale,
      onProgress: options.onProgress,
      signal: options.signal,
    });
    return {
      method: found.method,
      ...(await mapAndScores(
        'HVG + PCA',
        `UMAP of ${found.method}, 15 neighbours`,
        found.scores,
        data,
        groupings,
        options,
      )),
    };
  } catch (error) {
    if (isScgptError(error) && error instanceof InputError) return { missing: error.message };
    throw error;
  }
}

function summarySentences(data: AnnData, model: LoadedModel, result: EmbedResult): string[] {
  const { geneMatch } = result.prepared;
  const share =
    geneMatch.countShare === null
      ? ''
      : `, which hold ${(100 * geneMatch.countShare).toFixed(1)} % of the counts`;
  return [
    `${count(data.nObs)} cells were embedded with ${model.name}.`,
    `${count(geneMatch.matched)} of ${count(geneMatch.genes)} genes are known to the model${share}.`,
    ...(result.emptyCells.length === 0
      ? []
      : [`${result.emptyCells.length} cells have no known gene and no embedding.`]),
    'Beside it stands what a usual analysis without any model gives on the same cells: judge the model against it.',
  ];
}

function fileName(path: string): string {
  return path.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '');
}
