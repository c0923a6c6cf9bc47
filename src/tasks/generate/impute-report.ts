/** @file The report of an imputation: what was held out, what each method says of it, and how far it can be believed. */

import { correlationsOfGenes } from '../../analysis/imputation/scores.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { Section, TaskReport } from '../../report/task-report.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { plural } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import {
  curvesSection,
  environmentFacts,
  inputSection,
  modelFacts,
  type ReportContext,
} from '../report-parts.ts';
import { heldOutSection, hiddenEntriesNote } from './held-out-section.ts';
import { type Imputation, type ImputeOptions, sourceName } from './impute-files.ts';
import { type Verdict, weightsInWords } from './verdict.ts';

/** The report as data. */
export function imputeReport(
  done: Imputation,
  verdict: Verdict,
  run: {
    readonly data: AnnData;
    readonly prepared: PreparedCells;
    readonly model: LoadedModel;
    readonly device: string;
  },
  { warnings, threads, command, reference, seed = 0, above = 0.5 }: ReportContext & ImputeOptions,
): TaskReport {
  const { data, prepared, model, device } = run;
  const completed = reference !== undefined;
  const sections: Section[] = [
    heldOutSection(
      done.methods,
      completed
        ? 'A fifth of the reference cells were held out and their missing genes told from the others.'
        : hiddenEntriesNote,
    ),
    ...(done.heldOut === null ? [] : [calibration(done.heldOut), genesTable(done.heldOut, done.genes)]),
    ...(done.history.length === 0
      ? []
      : [curvesSection(done.history, done.bestStep, 'Losses of generative fine-tuning, by epoch.')]),
    inputSection(prepared),
  ];
  return {
    task: 'scGPT imputation',
    title: sourceName(data.source),
    subtitle: `${plural(data.nObs, 'cell')}, ${plural(done.genes.length, 'gene')}, model ${model.name}`,
    summary: [
      completed
        ? `${plural(done.genes.length, 'missing gene')} told for ${plural(data.nObs, 'cell')}.`
        : `${plural(done.filled, 'zero')} filled in ${plural(data.nObs, 'cell')}; measured values are as they were.`,
      ...verdict.sentences,
    ],
    warnings,
    sections,
    model: modelFacts(model),
    settings: [
      ['Seed', String(seed)],
      ...(completed ? [] : ([['Zeros filled', `expressed in more than ${above} of like cells`]] as const)),
      ['Final answer', weightsInWords([...done.weights])],
    ],
    environment: environmentFacts(device, threads),
    command,
  };
}

const bins = 20;

/** Mean truth by what was told: a straight line where values can be believed. */
function calibration({ entries, predicted }: NonNullable<Imputation['heldOut']>): Section {
  const order = Int32Array.from(entries.truth.keys()).sort(
    (a, b) => predicted.hidden[a] - predicted.hidden[b],
  );
  const size = Math.max(1, Math.ceil(order.length / bins));
  const means = (values: Float64Array) =>
    Array.from({ length: Math.ceil(order.length / size) }, (_, bin) => {
      const own = order.subarray(bin * size, (bin + 1) * size);
      return own.reduce((sum, i) => sum + values[i], 0) / own.length;
    });
  const told = means(predicted.hidden);
  return {
    kind: 'curves',
    name: 'predicted-and-true',
    title: 'Predicted and true values',
    note: 'Hidden values in twenty groups by what was told of them: the mean truth of each. Values that can be believed lie on the line.',
    xTitle: 'predicted',
    yTitle: 'true',
    panels: [
      {
        title: 'Hidden values',
        curves: [
          { name: 'scGPT with plain methods', x: told, y: means(entries.truth) },
          { name: 'as predicted', x: told, y: told },
        ],
      },
    ],
  };
}

const genesShown = 40;

function genesTable(
  { entries, predicted }: NonNullable<Imputation['heldOut']>,
  genes: readonly string[],
): Section {
  const counts = new Int32Array(genes.length);
  for (const gene of entries.hidden.genes) counts[gene]++;
  const rows = Array.from(correlationsOfGenes(entries, predicted.hidden), (value, gene) => ({ value, gene }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value)
    .map(({ value, gene }): [string, number, number] => [genes[gene], counts[gene], value]);
  return {
    kind: 'table',
    name: 'genes',
    title: 'Genes',
    note: `Correlation over cells of genes with at least 20 hidden values${rows.length > genesShown ? `: the best and the worst ${genesShown / 2}` : ''}.`,
    columns: [
      { title: 'gene', unit: 'text' },
      { title: 'hidden', unit: 'count' },
      { title: 'Pearson', unit: 'score', bar: true },
    ],
    rows:
      rows.length > genesShown ? [...rows.slice(0, genesShown / 2), ...rows.slice(-genesShown / 2)] : rows,
  };
}
