/** @file What reports on perturbations have in common: what the model is worth, what its predictions are made of. */

import type { Fact, TableSection } from '../../report/task-report.ts';
import { plural } from '../../support/words.ts';
import type { PerturbationModel } from './perturbation-model.ts';
import type { Recall } from './recall.ts';
import type { StackWeights } from './stack.ts';

/** How often held-out predictions found the perturbation behind a change. */
export function recallSection({ candidates, at }: Recall): TableSection {
  return {
    kind: 'table',
    name: 'reverse-recall',
    title: 'Finding the perturbation behind a change',
    note: `How often the true perturbation is among the first, when the predictions of all ${candidates} perturbations, each made while it was held out, are ranked by how well they explain a change that was observed.`,
    columns: [
      { title: 'among the first', unit: 'count' },
      { title: 'found', unit: 'share', bar: true },
      { title: 'by chance', unit: 'share', bar: true },
    ],
    rows: at.map(({ k, share, chance }) => [k, share, chance]),
  };
}

/** What held-out predictions of the model were worth. */
export function worthSentence({ worth }: Pick<PerturbationModel, 'worth'>): string {
  return worth?.verdict ?? 'Nothing could be held out: how good predictions are is not known.';
}

/** `0.6 effects of similar genes + 0.4 scGPT, fine-tuned`. */
export function weightWords(weights: StackWeights, nameOf: (id: string) => string = (id) => id): string {
  return [...weights]
    .filter(([, weight]) => weight > 0)
    .map(([id, weight]) => `${weight.toFixed(1)} ${nameOf(id)}`)
    .join(' + ');
}

/** What the predictions of a learnt screen rest on. */
export function learntFacts({ known, condition, weights, settings }: PerturbationModel): readonly Fact[] {
  return [
    [
      'Learnt from',
      `${plural(known.length, 'perturbation')} in obs/${condition.column}, unperturbed: ${condition.control}`,
    ],
    ['Final prediction', weightWords(weights)],
    ['Counts of a cell before the logarithm', String(settings.targetSum)],
    ['Seed of training', String(settings.seed)],
  ];
}

/** Names in a sentence, of many the first. */
export function someNames(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
