/** @file The report on what leads from one state to another: the ranking, the genes that tell, and what it is worth. */

import { basename } from 'node:path';
import type { LoadedModel } from '../../model/folder.ts';
import { score } from '../../report/numbers.ts';
import type { TableSection, TaskReport } from '../../report/task-report.ts';
import { plural } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import { environmentFacts, inputSection, modelFacts, type ReportContext } from '../report-parts.ts';
import type { PerturbationModel } from './perturbation-model.ts';
import { learntFacts, recallSection, worthSentence } from './report-sections.ts';
import type { RankedPerturbation } from './reverse-files.ts';

/** What the report is of. */
export interface Reversed {
  readonly learnt: PerturbationModel;
  /** The best first. */
  readonly ranking: readonly RankedPerturbation[];
  /** Predicted changes in the order of the ranking. */
  readonly changes: readonly Float64Array[]; // [ranking][genes]
  readonly from: { readonly state: string; readonly cells: number };
  readonly to: { readonly state: string; readonly cells: number };
  /** Mean expression of either state. */
  readonly before: Float32Array; // [genes]
  readonly after: Float32Array; // [genes]
  readonly model: LoadedModel;
  readonly device: string;
  readonly stateKey: string;
  readonly source: string | undefined;
  readonly prepared: PreparedCells | null;
}

/** Genes that are listed, and perturbations beside them. */
const genesListed = 20;
const perturbationsBeside = 3;

/** The report as data. */
export function reverseReport(reversed: Reversed, { warnings, threads, command }: ReportContext): TaskReport {
  const { learnt, ranking, from, to, model, device, stateKey, source, prepared } = reversed;
  const recall = learnt.worth?.recall ?? null;
  const [best] = ranking;
  return {
    task: 'scGPT reverse perturbation',
    title: `${from.state} to ${to.state}`,
    subtitle: `${source === undefined ? 'cells' : basename(source)}, ${plural(ranking.length, 'perturbation')} tried, model ${model.name}`,
    summary: [
      `${best.perturbation} explains best what leads from ${from.state} (${plural(from.cells, 'cell')}) to ${to.state} (${plural(to.cells, 'cell')}).`,
      worthSentence(learnt),
      'States can differ by what no perturbation of the list changes: a good rank says that a predicted change points the same way, not that it is the cause.',
    ],
    highlights: [
      { value: score(best.fit), label: `correlation of ${best.perturbation} with the difference` },
      {
        value: `${(100 * (1 - best.unexplained)).toFixed(0)} %`,
        label: 'of the difference explained by it, at the best scale',
        share: Math.min(1, Math.max(0, 1 - best.unexplained)),
      },
    ],
    warnings,
    sections: [
      rankingTable(ranking),
      genesTable(reversed),
      ...(recall === null ? [] : [recallSection(recall)]),
      ...(prepared === null ? [] : [inputSection(prepared)]),
    ],
    model: modelFacts(model),
    settings: [['States', `obs/${stateKey}`], ['From', from.state], ['To', to.state], ...learntFacts(learnt)],
    environment: environmentFacts(device, threads),
    command,
  };
}

function rankingTable(ranking: readonly RankedPerturbation[]): TableSection {
  return {
    kind: 'table',
    name: 'ranking',
    title: 'Ranking',
    note: 'Correlation of each predicted change with the difference between the states, and the share of the difference that is left when the prediction, at its best scale, is taken off. What is outside the training range is less like any perturbed gene of the screen than those are like each other.',
    columns: [
      { title: 'rank', unit: 'count' },
      { title: 'perturbation', unit: 'text' },
      { title: 'correlation', unit: 'score', bar: true },
      { title: 'by the model alone', unit: 'score', bar: true },
      { title: 'left unexplained', unit: 'share' },
      { title: 'seen in the screen', unit: 'text' },
      { title: 'doubt', unit: 'text' },
    ],
    rows: ranking.map(({ perturbation, fit, modelFit, unexplained, seen, doubt }, i) => [
      i + 1,
      perturbation,
      fit,
      modelFit,
      unexplained,
      seen,
      doubt ?? '',
    ]),
  };
}

function genesTable({ learnt, ranking, changes, before, after, from, to }: Reversed): TableSection {
  const size = (gene: number): number => Math.abs(after[gene] - before[gene]);
  const genes = [...before.keys()].sort((a, b) => size(b) - size(a) || a - b).slice(0, genesListed);
  const beside = ranking.slice(0, perturbationsBeside);
  return {
    kind: 'table',
    name: 'genes',
    title: 'Genes that differ most',
    note: 'Mean expression in either state, and what the best perturbations are predicted to change.',
    columns: [
      { title: 'gene', unit: 'text' },
      { title: from.state, unit: 'number' },
      { title: to.state, unit: 'number' },
      { title: 'difference', unit: 'number' },
      ...beside.map(({ perturbation }) => ({ title: `by ${perturbation}`, unit: 'number' as const })),
    ],
    rows: genes.map((gene) => [
      learnt.terms.genes[gene],
      before[gene],
      after[gene],
      after[gene] - before[gene],
      ...beside.map((_, i) => changes[i][gene]),
    ]),
  };
}
