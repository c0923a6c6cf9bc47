/** @file The report on predictions: how strong each is, which genes change, and what speaks against believing it. */

import { basename } from 'node:path';
import type { LoadedModel } from '../../model/folder.ts';
import type {
  Highlight,
  Section,
  TableSection,
  TaskReport,
  VolcanoSection,
} from '../../report/task-report.ts';
import { count, plural } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import { environmentFacts, inputSection, modelFacts, type ReportContext } from '../report-parts.ts';
import type { PerturbationModel } from './perturbation-model.ts';
import type { Prediction } from './predictions.ts';
import { learntFacts, recallSection, worthSentence } from './report-sections.ts';

/** Perturbations that are drawn each by itself. */
const drawn = 12;
const genesListed = 15;

/** What the report is of. */
export interface Predicted {
  readonly learnt: PerturbationModel;
  /** In the order of the report. */
  readonly predictions: readonly Prediction[];
  readonly model: LoadedModel;
  readonly device: string;
  /** The file of the cells that were asked of; undefined for the screen's own. */
  readonly cells: string | undefined;
  /** Those cells; null for the screen's own. */
  readonly prepared: PreparedCells | null;
  /** Whether predictions are ranked by their effect. */
  readonly ranked: boolean;
}

/** The report as data. */
export function predictReport(
  { learnt, predictions, model, device, cells, prepared, ranked }: Predicted,
  { warnings, threads, command }: ReportContext,
): TaskReport {
  const { genes } = learnt.terms;
  const shown = predictions.slice(0, drawn);
  const recall = learnt.worth?.recall ?? null;
  return {
    task: ranked ? 'scGPT perturbation screen' : 'scGPT perturbation prediction',
    title: predictions.length === 1 ? predictions[0].name : plural(predictions.length, 'perturbation'),
    subtitle: `${cells === undefined ? "the screen's control cells" : basename(cells)}, ${plural(genes.length, 'gene')}, model ${model.name}`,
    summary: [
      ranked
        ? `${plural(predictions.length, 'perturbation')} ranked by the size of the predicted change; the strongest is ${predictions[0].name}.`
        : `${plural(predictions.length, 'prediction')} of ${plural(genes.length, 'gene')}.`,
      worthSentence(learnt),
      learnt.errors === null
        ? 'Nothing can be said of significance.'
        : 'A change is called significant where it exceeds the error that held-out predictions of the gene had.',
    ],
    highlights: highlightsOf(predictions),
    warnings,
    sections: [
      effectsTable(predictions, ranked),
      ...shown.map((prediction, i) => volcano(prediction, genes, i)),
      genesTable(shown, genes),
      ...(recall === null ? [] : [recallSection(recall)]),
      ...(prepared === null ? [] : [inputSection(prepared)]),
    ],
    model: modelFacts(model),
    settings: learntFacts(learnt),
    environment: environmentFacts(device, threads),
    command,
  };
}

function highlightsOf(predictions: readonly Prediction[]): readonly Highlight[] {
  const { length } = predictions;
  const seen = predictions.filter((each) => each.seen === 'this perturbation').length;
  const doubtful = predictions.filter(({ doubt }) => doubt !== null).length;
  return [
    { value: count(seen), label: `of ${length} were in the screen`, share: seen / length },
    { value: count(doubtful), label: `of ${length} in doubt`, share: doubtful / length },
  ];
}

function effectsTable(predictions: readonly Prediction[], ranked: boolean): TableSection {
  return {
    kind: 'table',
    name: 'effects',
    title: ranked ? 'Ranking' : 'Predicted effects',
    note: 'The effect is the length of the predicted change over all genes. What is outside the training range is less like any perturbed gene of the screen than those are like each other: its effect is a guess.',
    columns: [
      ...(ranked ? [{ title: 'rank', unit: 'count' as const }] : []),
      { title: 'perturbation', unit: 'text' },
      { title: 'context', unit: 'text' },
      { title: 'effect', unit: 'number' },
      { title: 'significant genes', unit: 'count', bar: true },
      { title: 'seen in the screen', unit: 'text' },
      { title: 'rests on', unit: 'text' },
      { title: 'doubt', unit: 'text' },
    ],
    rows: predictions.map(({ name, context, effect, adjustedP, seen, basis, doubt }, i) => [
      ...(ranked ? [i + 1] : []),
      name,
      context,
      effect,
      adjustedP.filter((p) => p < 0.05).length,
      seen,
      basis,
      doubt ?? '',
    ]),
  };
}

function volcano(
  { name, context, change, adjustedP, log2FoldChange }: Prediction,
  genes: readonly string[],
  i: number,
): VolcanoSection {
  const judged = !adjustedP.every(Number.isNaN);
  const known = adjustedP.some((p) => p < 0.05); // else all are equally unsure, and only sizes tell genes apart
  const height = (gene: number): number =>
    known ? -Math.log10(Math.max(adjustedP[gene], 1e-300)) : Math.abs(change[gene]);
  return {
    kind: 'volcano',
    name: `volcano-${i + 1}`,
    title: `${name}, ${context}`,
    note: known
      ? 'Each gene by its predicted fold change and by how surely that exceeds the error of held-out predictions.'
      : `Each gene by its predicted fold change and by the size of its change: ${judged ? 'none exceeds the error of held-out predictions.' : 'nothing was held out, so nothing can be said of significance.'}`,
    xTitle: 'log2 fold change',
    yTitle: known ? '-log10 adjusted p' : 'size of the change',
    points: genes.map((gene, column) => ({
      name: gene,
      x: log2FoldChange[column],
      y: height(column),
      marked: known && adjustedP[column] < 0.05,
    })),
  };
}

function genesTable(predictions: readonly Prediction[], genes: readonly string[]): Section {
  return {
    kind: 'table',
    name: 'genes',
    title: 'Genes that change most',
    columns: [
      { title: 'perturbation', unit: 'text' },
      { title: 'gene', unit: 'text' },
      { title: 'control', unit: 'number' },
      { title: 'perturbed', unit: 'number' },
      { title: 'cells that express it', unit: 'share' },
      { title: 'log2 fold change', unit: 'number' },
      { title: 'adjusted p', unit: 'number' },
    ],
    rows: predictions.flatMap(({ name, change, control, mean, expressed, log2FoldChange, adjustedP }) =>
      [...change.keys()]
        .sort((a, b) => Math.abs(change[b]) - Math.abs(change[a]))
        .slice(0, genesListed)
        .map((gene) => [
          name,
          genes[gene],
          control[gene],
          mean[gene],
          expressed[gene],
          log2FoldChange[gene],
          adjustedP[gene],
        ]),
    ),
  };
}
