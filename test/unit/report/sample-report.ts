/** @file A small report for tests, with names as hostile as a file can hold. */

import type { QuickScores } from '../../../src/analysis/quick-scores.ts';
import type { EmbedReport } from '../../../src/report/embed-report.ts';
import { randomStream } from '../../../src/support/random.ts';

/** Closes the script and runs another, were it not escaped. */
export const hostile =
  '</script><script>window.attacked = true</script><img src=x onerror="attacked=1">&\'"<!--';

const cellCount = 200;

function layout(seed: number) {
  const random = randomStream(seed, 'layout');
  const values = Float32Array.from(
    { length: 2 * cellCount },
    (_, i) => random.normal() + 6 * (Math.floor(i / 2) % 3),
  );
  values.fill(Number.NaN, 0, 2); // the first cell has no place
  return { kind: 'dense', dtype: 'float32', shape: [cellCount, 2], values } as const;
}

function scores(accuracy: number): QuickScores[] {
  const agreement = { accuracy, meanOverGroups: accuracy - 0.1, largestGroup: 0.34, cells: cellCount };
  return ['type', hostile].map((name) => {
    return { name, groups: 3, k: 15, agreement, mixing: 0.2, silhouette: 0.41, silhouetteCells: cellCount };
  });
}

export const sampleReport: EmbedReport = {
  title: `cells ${hostile}.h5ad`,
  summary: ['Cells were embedded.', `They came from ${hostile}.`],
  cells: Array.from({ length: cellCount }, (_, i) => (i === 5 ? hostile : `cell-${i}`)),
  geneCount: 1000,
  model: { name: `model ${hostile}`, hash: 'abc123', trained: false, facts: [['Layers', '2']] },
  map: { title: 'scGPT', caption: 'UMAP of X_scGPT.', layout: layout(1) },
  scores: scores(0.82),
  baseline: {
    method: '500 highly variable genes, 50 principal components',
    map: { title: 'HVG + PCA', caption: 'UMAP of components.', layout: layout(2) },
    scores: scores(0.91),
  },
  columns: [
    {
      kind: 'groups',
      name: 'type',
      groups: ['alpha', 'beta', 'gamma'],
      codes: Int32Array.from({ length: cellCount }, (_, i) => (i === 7 ? -1 : i % 3)),
    },
    {
      kind: 'groups',
      name: hostile,
      groups: [hostile, 'plain'],
      codes: Int32Array.from({ length: cellCount }, (_, i) => i % 2),
    },
    { kind: 'numbers', name: 'depth', values: Float32Array.from({ length: cellCount }, (_, i) => 10 * i) },
  ],
  columnsLeftOut: [['barcode', `200 different values ${hostile}`]],
  colorBy: 'type',
  diagnosis: { use: 'with_care', sentences: [`The matrix holds ${hostile}.`] },
  geneMatch: {
    genes: 1000,
    matched: 940,
    tokens: 938,
    countShare: 0.97,
    routes: new Map([['exact', 940]]),
    bySecondName: 0,
    largestUnmatched: [{ name: hostile, status: 'ambiguous', countShare: 0.01 }],
    ambiguous: [{ name: hostile, candidates: [hostile, 'B'] }],
    duplicates: [{ token: 'A', names: ['A', hostile] }],
    detected: { kind: 'human_symbols', spreadsheetDates: 0 },
    problems: [{ kind: 'few_matched', message: `less than half ${hostile}`, advice: hostile }],
    column: null,
  },
  warnings: [hostile],
  settings: [
    ['Seed', '0'],
    [hostile, hostile],
  ],
  timings: [{ stage: hostile, seconds: 83.2 }],
  environment: [['Device', hostile]],
  command: `scgpt embed '${hostile}'`,
};
