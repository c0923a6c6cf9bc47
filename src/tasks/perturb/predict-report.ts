/** @file The report on predictions: how strong each is, which genes change, and what speaks against believing it. */

import type { LoadedModel } from '../../model/folder.ts';
import type { Section, TableSection, TaskReport, VolcanoSection } from '../../report/task-report.ts';
import { plural } from '../../support/words.ts';
import { environmentFacts, modelFacts } from '../report-parts.ts';
import type { PerturbationModel } from './perturbation-model.ts';
import type { Prediction } from './predictions.ts';

/** Perturbations that are drawn each by itself. */
const drawn = 12;
const genesListed = 15;

/** The report as data. */
export function predictReport(
  learnt: PerturbationModel,
  predictions: readonly Prediction[],
  model: LoadedModel,
  {
    warnings,
    threads,
    command,
    device,
  }: {
    readonly warnings: readonly string[];
    readonly threads?: number | undefined;
    readonly command?: string | undefined;
    readonly device: string;
  },
): TaskReport {
  const doubtful = predictions.filter(({ doubt }) => doubt !== null);
  const shown = predictions.slice(0, drawn);
  return {
    task: 'scGPT perturbation prediction',
    title: predictions.length === 1 ? predictions[0].name : plural(predictions.length, 'perturbation'),
    subtitle: `${plural(learnt.terms.genes.length, 'gene')}, model ${model.name}`,
    summary: [
      `${plural(predictions.length, 'prediction')} of ${plural(learnt.terms.genes.length, 'gene')}.`,
      learnt.errors === null
        ? 'The model was trained without held-out perturbations: how good predictions are is not known.'
        : 'A change is called significant where it exceeds the error that held-out predictions of the gene had.',
      ...(doubtful.length === 0 ? [] : [`${doubtful.length} of them are outside the training range.`]),
    ],
    warnings,
    sections: [
      effectsTable(predictions),
      ...shown.map((prediction, i) => volcano(prediction, learnt.terms.genes, i)),
      genesTable(shown, learnt.terms.genes),
    ],
    model: modelFacts(model),
    settings: [
      ['Learnt from', `${plural(learnt.known.length, 'perturbation')} in obs/${learnt.condition.column}`],
      [
        'Final prediction',
        [...learnt.weights]
          .filter(([, w]) => w > 0)
          .map(([id, w]) => `${w.toFixed(1)} ${id}`)
          .join(' + '),
      ],
    ],
    environment: environmentFacts(device, threads),
    command,
  };
}

function effectsTable(predictions: readonly Prediction[]): TableSection {
  return {
    kind: 'table',
    name: 'effects',
    title: 'Predicted effects',
    note: 'The effect is the length of the predicted change over all genes.',
    columns: [
      { title: 'perturbation', unit: 'text' },
      { title: 'context', unit: 'text' },
      { title: 'effect', unit: 'number' },
      { title: 'significant genes', unit: 'count', bar: true },
      { title: 'seen in the screen', unit: 'text' },
      { title: 'rests on', unit: 'text' },
      { title: 'doubt', unit: 'text' },
    ],
    rows: predictions.map(({ name, context, effect, adjustedP, seen, basis, doubt }) => [
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
  const known = !adjustedP.every(Number.isNaN);
  const height = (gene: number): number =>
    known ? -Math.log10(Math.max(adjustedP[gene], 1e-300)) : Math.abs(change[gene]);
  return {
    kind: 'volcano',
    name: `volcano-${i + 1}`,
    title: `${name}, ${context}`,
    note: known
      ? 'Each gene by its predicted fold change and by how surely that exceeds the error of held-out predictions.'
      : 'Each gene by its predicted fold change and by the size of its change; nothing was held out, so nothing can be said of significance.',
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
