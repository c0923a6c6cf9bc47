/** @file What held-out values say of methods, as a section of a report. */

import type { ScoresSection } from '../../report/task-report.ts';
import type { ScoredMethod } from './impute-files.ts';
import type { JudgedBy } from './verdict.ts';

/** Scores as they are shown; those a set has none of are left out. */
const metrics = [
  ['pearsonPerCell', 'Pearson in cells', 'correlation over the entries of a cell', false],
  ['spearmanPerCell', 'Spearman in cells', 'of ranks', false],
  ['aurocPerCell', 'AUROC', 'expressed genes told from zeros', false],
  [
    'pearsonPerGene',
    'Pearson of genes',
    'over cells; answers given that a gene is seen profit from cell sizes',
    false,
  ],
  ['mse', 'MSE', 'mean squared error', true],
] as const;

/** How single entries are held out. */
export const hiddenEntriesNote =
  'A fifth of the values above zero were hidden and told from what was left. Methods "given non-zero", means of non-zero entries and scGPT say what a gene is where it is seen; the others count zeros too, so that only scores within cells compare.';

/** The table of methods. */
export function heldOutSection(
  methods: readonly ScoredMethod[],
  note: string,
  sortBy: JudgedBy = 'pearsonPerCell',
): ScoresSection {
  const shown = metrics.filter(([key]) => methods[0].scores[key] !== undefined);
  return {
    kind: 'scores',
    name: 'held-out',
    title: 'Held-out values, beside plain methods',
    note,
    sortBy,
    metrics: shown.map(([key, title, hint, low]) => ({
      key,
      title,
      hint,
      lowerIsBetter: low,
      range: low ? null : undefined,
    })),
    methods: methods.map(({ id, name, scores }) => ({
      name,
      ours: id.startsWith('scgpt'),
      scores: shown.map(([key]) => scores[key]),
    })),
  };
}
