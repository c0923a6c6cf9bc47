/** @file Gathers what the report on a mapping tells. */

import { basename } from 'node:path';
import { pointsOf } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { ReportColumn } from '../../report/columns.ts';
import type { Section, TaskReport } from '../../report/task-report.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { marked } from '../../support/mask.ts';
import { count, plural } from '../../support/words.ts';
import {
  type LabelComparison,
  labelColumn,
  labelHighlights,
  labelledMap,
  methodsSection,
  truthSections,
  verdict,
} from '../label-report.ts';
import { environmentFacts, inputSection, modelFacts, type ReportContext } from '../report-parts.ts';
import type { MapResult } from './map.ts';
import { bothSidesMap, scoreCurves, sidesComposition } from './report-sections.ts';
import { methodsOf } from './results.ts';

/** The report as data. */
export async function mapReport(
  query: AnnData,
  model: LoadedModel,
  result: MapResult,
  options: ReportContext,
): Promise<TaskReport> {
  const { labels, genes, settings, reference, seconds, prepared } = result;
  const comparisons = labels.map(
    ({ name, truth }, column): LabelComparison => ({
      name: `labels-${column + 1}`,
      label: name,
      methods: methodsOf(result, column),
      ours: 1,
      truth,
    }),
  );
  const sections: Section[] = [
    await labelledMap(pointsOf(result.query.embeddings), query.obs.index, columnsOf(result), {
      title: 'the cell embedding',
      control: options,
    }),
    await bothSidesMap(result, query.obs.index, options),
    ...comparisons.flatMap((comparison, column) => [
      methodsSection(comparison),
      ...truthSections(comparison),
      scoreCurves(result, column),
      sidesComposition(result, column),
    ]),
    inputSection(prepared, { name: 'query', title: 'The query and its genes' }),
  ];
  const [first] = labels;
  const withheld = marked(first.unassigned);
  return {
    task: 'scGPT mapping',
    title: query.source === undefined ? 'cells' : basename(query.source),
    subtitle: `${plural(query.nObs, 'cell')} on ${plural(reference.points.count, 'reference cell')}, model ${model.name}`,
    summary: [
      `${plural(query.nObs, 'cell')} labelled by their ${settings.neighbours} nearest of ${plural(reference.points.count, 'reference cell')}; ${count(withheld)} are unassigned.`,
      `Nothing was trained: both sides were embedded on ${genes.seen === 'shared' ? 'the' : 'all their genes, of which'} ${count(genes.shared)} genes ${genes.seen === 'shared' ? 'that both have' : 'are shared'}.`,
      ...verdict(comparisons[0]),
    ],
    highlights: labelHighlights(comparisons[0], first.unassigned),
    warnings: options.warnings,
    sections,
    model: modelFacts(model),
    settings: [
      ['Neighbours', String(settings.neighbours)],
      ['Search', settings.search],
      ['Rejection', String(settings.reject)],
      ['Seed', String(settings.seed)],
      ...labels.flatMap(({ name, thresholds }) => [
        [`Lowest score that is enough, ${name}`, threshold(thresholds.score)] as const,
        [`Longest distance that is allowed, ${name}`, threshold(thresholds.distance)] as const,
      ]),
    ],
    timings: [
      { stage: 'Reference', seconds: seconds.reference },
      { stage: 'Query', seconds: seconds.query },
      { stage: 'Search', seconds: seconds.search },
      { stage: 'Plain methods', seconds: seconds.baselines },
    ],
    environment: environmentFacts(result.query.settings.device, options.threads),
    command: options.command,
  };
}

const threshold = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : 'none');

function columnsOf(result: MapResult): ReportColumn[] {
  const ofLabels = result.labels.flatMap(({ name, scores, unassigned, truth }, column): ReportColumn[] => {
    const [own] = methodsOf(result, column);
    return [
      labelColumn(`${name}, predicted`, {
        ...own,
        codes: own.codes.map((code, cell) => (unassigned[cell] === 1 ? -1 : code)),
      }),
      ...(truth === null
        ? []
        : [{ kind: 'groups', ...truth.labels, name: `${truth.column}, true` } as const]),
      { kind: 'numbers', name: `${name} score`, values: scores },
    ];
  });
  return [...ofLabels, { kind: 'numbers', name: 'distance', values: result.distances }];
}
