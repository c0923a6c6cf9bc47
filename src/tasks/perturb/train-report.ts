/** @file The report on a learnt screen: what held-out predictions are worth, beside plain methods and the ceiling. */

import { basename } from 'node:path';
import type { LoadedModel } from '../../model/folder.ts';
import { score } from '../../report/numbers.ts';
import type { ScoresSection, Section, TableSection, TaskReport } from '../../report/task-report.ts';
import { plural } from '../../support/words.ts';
import { environmentFacts, inputSection, modelFacts } from '../report-parts.ts';
import type { FittedScreen } from './fit.ts';
import type { HeldOutScores, MeanScores, ScoredPredictor } from './held-out-scores.ts';
import type { Recall } from './recall.ts';
import type { ScreenOfFile } from './screen-data.ts';

/** What the report is of. */
export interface TrainedScreen {
  readonly screen: ScreenOfFile;
  readonly fitted: FittedScreen;
  readonly heldOut: HeldOutScores | null;
  readonly recall: Recall | null;
  readonly model: LoadedModel;
  readonly device: string;
  readonly source: string | undefined;
}

/** The report as data. */
export function trainReport(
  { screen, fitted, heldOut, recall, model, device, source }: TrainedScreen,
  {
    warnings,
    threads,
    command,
  }: {
    readonly warnings: readonly string[];
    readonly threads?: number | undefined;
    readonly command?: string | undefined;
  },
): TaskReport {
  const perturbations = screen.screen.conditions.length - 1;
  const { settings } = fitted.learnt;
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
      heldOut?.verdict ?? 'Nothing could be held out: how good predictions are is not known.',
      ...(heldOut === null || heldOut.withoutEffect.length === 0
        ? []
        : [
            `${heldOut.withoutEffect.length} of ${heldOut.names.length} have next to no measurable effect, so there is nothing to predict of them.`,
          ]),
    ],
    warnings,
    sections,
    model: modelFacts(model),
    settings: [
      ['Conditions', `obs/${screen.screen.column}`],
      ['Final prediction', weightWords(fitted)],
      ...Object.entries(settings).map(([name, value]) => [name, String(value)] as const),
    ],
    timings: [{ stage: 'Training', seconds: fitted.seconds }],
    environment: environmentFacts(device, threads),
    command,
  };
}

function weightWords({ learnt, heldOut }: FittedScreen): string {
  const nameOf = (id: string): string => heldOut?.answers.find((each) => each.id === id)?.name ?? id;
  return [...learnt.weights]
    .filter(([, weight]) => weight > 0)
    .map(([id, weight]) => `${weight.toFixed(1)} ${nameOf(id)}`)
    .join(' + ');
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

function recallSection({ candidates, at }: Recall): TableSection {
  return {
    kind: 'table',
    name: 'reverse',
    title: 'Reverse perturbation',
    note: `How often the true perturbation is among the first, when all ${candidates} held-out predictions are ranked by how well they explain an observed change.`,
    columns: [
      { title: 'among the first', unit: 'count' },
      { title: 'found', unit: 'share', bar: true },
      { title: 'by chance', unit: 'share', bar: true },
    ],
    rows: at.map(({ k, share, chance }) => [k, share, chance]),
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
