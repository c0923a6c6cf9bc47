/** @file The report on a learnt screen: what held-out predictions are worth, beside plain methods and the ceiling. */

import { basename } from 'node:path';
import type { LoadedModel } from '../../model/folder.ts';
import { score } from '../../report/numbers.ts';
import type {
  Highlight,
  ScoresSection,
  Section,
  TableSection,
  TaskReport,
} from '../../report/task-report.ts';
import { plural } from '../../support/words.ts';
import { environmentFacts, inputSection, modelFacts, type ReportContext } from '../report-parts.ts';
import type { FittedScreen } from './fit.ts';
import type { HeldOutScores, MeanScores, ScoredPredictor } from './held-out-scores.ts';
import type { Recall } from './recall.ts';
import { recallSection, weightWords, worthSentence } from './report-sections.ts';
import type { ScreenOfFile } from './screen-data.ts';

/** What the report is of. */
export interface TrainedScreen {
  readonly screen: ScreenOfFile;
  readonly fitted: FittedScreen;
  readonly model: LoadedModel;
  readonly device: string;
  readonly source: string | undefined;
}

/** The report as data. */
export function trainReport(
  { screen, fitted, model, device, source }: TrainedScreen,
  { warnings, threads, command }: ReportContext,
): TaskReport {
  const { heldOutScores: heldOut, learnt } = fitted;
  const recall = learnt.worth?.recall ?? null;
  const perturbations = screen.screen.conditions.length - 1;
  const { settings } = learnt;
  const nameOf = (id: string): string => fitted.heldOut?.answers.find((each) => each.id === id)?.name ?? id;
  const sections: Section[] = [
    ...(heldOut === null ? [] : heldOutSections(heldOut)),
    ...(recall === null ? [] : [recallSection(recall)]),
    ...(fitted.scores.length === 0 ? [] : [epochsSection(fitted)]),
    inputSection(screen.prepared),
  ];
  return {
    task: 'scGPT perturbation training',
    title: source === undefined ? 'screen' : basename(source),
    subtitle: `${plural(perturbations, 'perturbation')}, ${plural(screen.genes.length, 'gene')}, model ${model.name}`,
    summary: [
      `${plural(perturbations, 'perturbation')} learnt in ${plural(fitted.epochs, 'epoch')}.`,
      worthSentence(learnt),
      ...(heldOut === null || heldOut.withoutEffect.length === 0
        ? []
        : [
            `${heldOut.withoutEffect.length} of ${heldOut.names.length} have next to no measurable effect, so there is nothing to predict of them.`,
          ]),
    ],
    ...(heldOut === null ? {} : { highlights: highlightsOf(heldOut, recall) }),
    warnings,
    sections,
    model: modelFacts(model),
    settings: [
      ['Conditions', `obs/${screen.screen.column}`],
      ['Unperturbed', learnt.condition.control],
      ['Batches', screen.batch === null ? 'none' : `obs/${screen.batch.name}`],
      ['Contexts', screen.context === null ? 'none' : `obs/${screen.context.name}`],
      ['Gene sets', learnt.geneSets.length === 0 ? 'none' : String(learnt.geneSets.length)],
      ['Final prediction', weightWords(learnt.weights, nameOf)],
      ...Object.entries(settings).map(([name, value]) => [name, String(value)] as const),
    ],
    timings: [{ stage: 'Training', seconds: fitted.seconds }],
    environment: environmentFacts(device, threads),
    command,
  };
}

function highlightsOf({ predictors, ceiling }: HeldOutScores, recall: Recall | null): readonly Highlight[] {
  const [final] = predictors;
  const first = recall?.at[0];
  return [
    {
      value: score(final.all.separateControls),
      label: `correlation of predicted and true changes, held out: ${final.name}`,
    },
    { value: score(ceiling.all), label: 'halves of the same cells: hardly to be passed' },
    { value: score(final.all.centred), label: 'centred: what all perturbations share earns nothing' },
    ...(first === undefined
      ? []
      : [
          {
            value: `${(100 * first.share).toFixed(0)} %`,
            label: `of perturbations found behind their change at the first try (chance ${(100 * first.chance).toFixed(0)} %)`,
            share: first.share,
          },
        ]),
  ];
}

function heldOutSections(heldOut: HeldOutScores): Section[] {
  const { names, cells, differentGenes, predictors, withoutEffect } = heldOut;
  const shown = predictors.filter(({ id }) => id !== 'no-change').slice(0, 6);
  const table: TableSection = {
    kind: 'table',
    name: 'perturbations',
    title: 'Each perturbation',
    note: 'Correlation of predicted and true changes for each perturbation while it was held out. With fewer than 10 genes that differ (false discovery rate 5 %) a perturbation has next to no measurable effect, and its score is mostly noise.',
    columns: [
      { title: 'perturbation', unit: 'text' },
      { title: 'cells', unit: 'count' },
      { title: 'genes that differ', unit: 'count', bar: true },
      ...shown.map(({ name }) => ({ title: name, unit: 'score' as const, bar: true })),
    ],
    rows: names.map((name, unit) => [
      name,
      cells[unit],
      differentGenes[unit],
      ...shown.map(({ each }) => each[unit]),
    ]),
    notices: withoutEffect.length === 0 ? undefined : [`No measurable effect: ${withoutEffect.join(', ')}.`],
  };
  const sections: Section[] = [
    scoresOf(
      'held-out',
      'Held-out perturbations, beside plain methods',
      heldOut,
      ({ all }) => all,
      heldOut.ceiling.all,
    ),
  ];
  if (heldOut.ceiling.responders !== null && withoutEffect.length > 0) {
    sections.push(
      scoresOf(
        'responders',
        'Those with a measurable effect',
        heldOut,
        ({ responders }) => responders,
        heldOut.ceiling.responders,
      ),
    );
  }
  return [...sections, table];
}

function scoresOf(
  name: string,
  title: string,
  { predictors }: HeldOutScores,
  of: (predictor: ScoredPredictor) => MeanScores | null,
  ceiling: number,
): ScoresSection {
  const metrics = [
    [
      'separateControls',
      'Separate controls',
      'correlation of changes, prediction and truth measured against separate halves of the control cells',
    ],
    [
      'pearsonDelta',
      'Pearson-delta',
      'correlation of changes; inflated by the control cells that both share',
    ],
    ['centred', 'Centred', 'what all perturbations share earns nothing'],
    [
      'discrimination',
      'Discrimination',
      'whether the prediction is nearest to its own perturbation; 0.5 is chance',
    ],
    ['meanSquaredError', 'MSE', 'mean squared error over all genes'],
  ] as const;
  return {
    kind: 'scores',
    name,
    title,
    note: `Every perturbation was predicted by a model that had not seen it. Halves of the same cells correlate ${score(ceiling)} by the first score: no prediction can be expected to be much better.`,
    metrics: metrics.map(([key, metricTitle, hint]) => ({
      key,
      title: metricTitle,
      hint,
      lowerIsBetter: key === 'meanSquaredError',
      range: key === 'meanSquaredError' ? null : undefined,
    })),
    methods: predictors.map((predictor) => ({
      name: predictor.name,
      ours: predictor.id === 'scgpt' || predictor.id === 'stacked',
      scores: metrics.map(([key]) => of(predictor)?.[key] ?? Number.NaN),
    })),
  };
}

function epochsSection({ scores, epochs }: FittedScreen): Section {
  return {
    kind: 'curves',
    name: 'epochs',
    title: 'Training',
    note: 'Correlation of changes of held-out perturbations after each epoch; the model is trained on all of them for as many epochs as were best.',
    xTitle: 'epoch',
    yTitle: 'Pearson-delta',
    panels: [
      {
        title: 'Held-out perturbations',
        curves: [{ name: 'scGPT, fine-tuned', x: scores.map((_, epoch) => epoch), y: scores }],
      },
    ],
    chosen: { x: epochs, label: `kept: epoch ${epochs}` },
  };
}
