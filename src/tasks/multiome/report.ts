/** @file Gathers what the report on joined modalities tells. */

import type { LoadedModel } from '../../model/folder.ts';
import type { ReportColumn } from '../../report/columns.ts';
import type { Section, TableSection, TaskReport } from '../../report/task-report.ts';
import { plural } from '../../support/words.ts';
import {
  curvesSection,
  environmentFacts,
  inputSection,
  modelFacts,
  type ReportContext,
  scoresSection,
} from '../report-parts.ts';
import type { Imputation } from './imputation.ts';
import { markerSections } from './markers.ts';
import { spokenName } from './modality.ts';
import type { MultiomeResult } from './multiome.ts';
import type { MultiomeScores } from './scores.ts';
import { imputationSentence, trustSentences } from './words.ts';

/** The report as data. */
export async function multiomeReport(
  result: MultiomeResult,
  model: LoadedModel,
  scores: MultiomeScores,
  title: string,
  { threads, command, warnings, ...control }: ReportContext,
): Promise<TaskReport> {
  const { cells, clusters, modalities, tuned, seconds, settings, device } = result;
  const sections: Section[] = [
    {
      kind: 'maps',
      name: 'cells',
      title: 'Map of the cells',
      cells: cells.names,
      maps: [
        {
          title: 'Joint',
          caption: `UMAP of the joint neighbours, ${result.jointCells.neighbours.k} of each cell`,
          layout: result.layout,
        },
      ],
      columns: columnsOf(result, scores),
      colorBy: [scores.labels?.name ?? clusters.name],
    },
    trustSection(result),
    ...(scores.labelled === null
      ? []
      : [
          scoresSection(
            'scores',
            'Scores by labels, beside plain methods',
            scores.labelled,
            `Labels (obs/${scores.labels?.name ?? ''}) were used for scoring only. NMI and ARI of joint and weighted neighbours are of clusters made from these neighbours, as the clusters of the map are; coordinates show them in part only.`,
          ),
        ]),
    scoresSection(
      'agreement',
      'How well neighbours agree in each modality',
      scores.agreement,
      'Without labels. Each modality alone agrees best in itself, whether that is biology or noise: a joint embedding is to be good in those that are trusted.',
    ),
    ...imputationSections(result),
    ...(await markerSections(result, control)),
    curvesSection(
      tuned.outcome.history,
      tuned.outcome.bestStep,
      'Means over an epoch. The epoch with the least loss on held-out cells is kept.',
    ),
    inputSection(result.prepared),
  ];
  return {
    task: 'scGPT multi-omics',
    title,
    subtitle: `${plural(cells.names.length, 'cell')}, RNA and ${spokenName(modalities[1].name)}, model ${model.name}`,
    summary: [
      `${plural(cells.names.length, 'cell')} of two modalities joined, ${cells.both} with both, in ${plural(clusters.groups.length, 'cluster')}.`,
      ...trustSentences(result),
      ...imputationSentence(result),
    ],
    warnings,
    sections,
    model: modelFacts(model),
    settings: [
      ['Method', result.jointCells.method],
      ...modalities.map(({ name, method }) => [spokenName(name), method] as const),
      ...Object.entries(settings).map(([name, value]) => [name, String(value)] as const),
    ],
    timings: [
      { stage: 'Preparing', seconds: seconds.preparing },
      { stage: 'Training', seconds: seconds.training },
      { stage: 'Neighbours, clusters, map', seconds: seconds.neighbours },
    ],
    environment: environmentFacts(device, threads),
    command,
  };
}

function columnsOf({ clusters, batch }: MultiomeResult, { labels }: MultiomeScores): ReportColumn[] {
  return [labels, clusters, batch].flatMap((grouping): ReportColumn[] =>
    grouping === null ? [] : [{ kind: 'groups', ...grouping }],
  );
}

function trustSection({ trust, modalities }: MultiomeResult): TableSection {
  return {
    kind: 'table',
    name: 'trust',
    title: 'What each modality can be trusted with',
    note: 'Judged without labels. Repeats itself: share of the variance of half of its features that neighbours by the other half explain. Explains the other: share of the variance of the other modality that neighbours by this one explain; at or below 0 they tell no more than the mean of all cells.',
    columns: [
      { title: 'modality', unit: 'text' },
      { title: 'cells', unit: 'count' },
      { title: 'repeats itself', unit: 'score' },
      { title: 'explains the other', unit: 'score' },
      { title: 'has a say', unit: 'text' },
      { title: 'because', unit: 'text' },
    ],
    rows: trust.map((one, side) => [
      spokenName(one.name),
      modalities[side].members.length,
      one.reproducibility,
      one.explainsOther,
      one.trust === 1 ? 'yes' : 'no',
      one.reason,
    ]),
  };
}

function imputationSections({ imputation, rnaImputation, modalities }: MultiomeResult): TableSection[] {
  const names = modalities.map(({ name }) => spokenName(name));
  const section = (side: 0 | 1, found: Imputation): TableSection => ({
    kind: 'table',
    name: side === 1 ? 'imputation' : 'imputation-rna',
    title: `Predicting ${names[side]} from ${names[1 - side]}`,
    note: `On ${plural(found.heldOut, 'cell')} held out of training and fits: the mean over ${plural(found.features.length, 'feature')} of the correlation with what was measured, and the share of variance explained. The best method here makes obsm/scgpt_imputed_${modalities[side].name}${side === 0 ? ', which is written where cells lack RNA' : ''}.`,
    columns: [
      { title: 'method', unit: 'text' },
      { title: 'mean correlation', unit: 'score', bar: true },
      { title: 'variance explained', unit: 'score' },
    ],
    rows: found.scores.map(({ method, correlation, explained }) => [method, correlation, explained]),
  });
  return [
    ...(imputation === null ? [] : [section(1, imputation)]),
    ...(rnaImputation === null ? [] : [section(0, rnaImputation)]),
  ];
}
