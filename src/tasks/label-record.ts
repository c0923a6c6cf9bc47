/** @file How tasks that label cells write labels into obs and what these are worth into uns. */

import type { Unstructured } from '../single-cell/anndata.ts';
import type { CategoricalColumn } from '../single-cell/data-frame.ts';
import type { NamedLabels } from './label-report.ts';
import { agreement, rejectionOutcome, type Truth, truthScores } from './map/scores.ts';

/** Labels as a column of obs; -1 is missing. */
export function labelsColumn(codes: Int32Array, categories: readonly string[]): CategoricalColumn {
  return { kind: 'categorical', codes, categories, ordered: false };
}

/** `Logistic regression` as it is named in obs: `logistic_regression`. */
export function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

/** How often each further method gives the label of the first. */
export function agreementRecord([first, ...others]: readonly NamedLabels[]): Map<string, Unstructured> {
  return new Map(others.map((method) => [slug(method.name), agreement(first, method)]));
}

/** Scores of each method that there are any of, by its name in obs. */
export function scoresRecord(
  truth: Truth,
  methods: readonly NamedLabels[],
): Map<string, Map<string, Unstructured>> {
  return new Map(
    methods.flatMap((method) => {
      const scores = truthScores(truth, method);
      if (scores === null) return [];
      const record = new Map<string, Unstructured>([
        ['cells', scores.cells],
        ['accuracy', scores.accuracy],
        ['macro_f1', scores.macroF1],
        ['weighted_f1', scores.weightedF1],
        ['unseen_auroc', scores.unseenAuroc],
        ['classes', { kind: 'strings', shape: [scores.classes.length], values: scores.classes }],
        [
          'f1',
          {
            kind: 'dense',
            dtype: 'float64',
            shape: [scores.byClass.length],
            values: Float64Array.from(scores.byClass, ({ f1 }) => f1),
          },
        ],
      ]);
      return [[slug(method.name), record] as const];
    }),
  );
}

/** What withholding labels did to right and wrong ones. */
export function rejectionRecord(
  truth: Truth,
  labels: NamedLabels,
  unassigned: Uint8Array,
): Map<string, Unstructured> {
  const { keptRight, rejectedWrong, rejectedUnseen } = rejectionOutcome(truth, labels, unassigned);
  return new Map([
    ['kept_right', keptRight],
    ['rejected_wrong', rejectedWrong],
    ['rejected_unseen', rejectedUnseen],
  ]);
}
