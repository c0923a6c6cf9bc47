/** @file A small report for tests with every kind of section, with names as hostile as a file can hold. */

import type { QuickScores } from '../../../src/analysis/quick-scores.ts';
import type {
  InputSection,
  MapsSection,
  QuickScoresSection,
  Section,
  TaskReport,
} from '../../../src/report/task-report.ts';
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

export const sampleMaps: MapsSection = {
  kind: 'maps',
  name: 'cells',
  title: `Map ${hostile}`,
  note: `Read it so: ${hostile}`,
  notices: [hostile],
  cells: Array.from({ length: cellCount }, (_, i) => (i === 5 ? hostile : `cell-${i}`)),
  maps: [
    { title: 'scGPT', caption: 'UMAP of X_scGPT.', layout: layout(1) },
    { title: 'HVG + PCA', caption: 'UMAP of components.', layout: layout(2) },
  ],
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
  colorBy: ['type', 'depth'],
};

export const sampleQuickScores: QuickScoresSection = {
  kind: 'quick-scores',
  name: 'quick',
  title: 'Scores beside the simple method',
  model: { title: 'scGPT', scores: scores(0.82) },
  baseline: { title: 'HVG + PCA', scores: scores(0.91) },
  first: 'type',
};

export const sampleInput: InputSection = {
  kind: 'input',
  name: 'input',
  title: 'Input',
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
};

/** One of every kind but maps, quick scores and input. */
export const sampleSections = {
  scores: {
    kind: 'scores',
    name: 'methods',
    title: 'Beside other methods',
    metrics: [
      { key: 'nmi', title: 'NMI', group: 'Biology' },
      { key: 'ari', title: hostile, hint: hostile, group: 'Biology' },
      { key: 'seconds', title: 'Time', range: null, unit: 'seconds', lowerIsBetter: true },
    ],
    methods: [
      { name: 'simple', ours: false, note: hostile, scores: [0.7, 0.6, 3] },
      { name: hostile, ours: false, scores: [Number.NaN, 0.55, Number.NaN] },
      { name: 'scGPT', ours: true, scores: [0.9, 0.5999, 600] },
    ],
  },
  table: {
    kind: 'table',
    name: 'classes',
    title: 'By class',
    columns: [
      { title: 'Class', unit: 'text' },
      { title: 'F1', unit: 'score', bar: true },
      { title: 'Cells', unit: 'count', bar: true },
      { title: 'Unassigned', unit: 'share' },
    ],
    rows: [
      ['alpha', 0.91, 1200, 0],
      [hostile, Number.NaN, 0, 1],
    ],
  },
  confusion: {
    kind: 'confusion',
    name: 'confusion',
    title: 'Confusion',
    rowTitle: 'label',
    columnTitle: 'predicted',
    rows: ['alpha', hostile],
    columns: ['alpha', hostile, 'unassigned'],
    counts: Int32Array.of(90, 10, 0, 0, 0, 0),
  },
  curves: {
    kind: 'curves',
    name: 'losses',
    title: 'Losses',
    xTitle: 'epoch',
    yTitle: 'loss',
    panels: [
      {
        title: hostile,
        curves: [
          { name: 'training', x: [1, 2, 3, 4], y: [4, 2, Number.NaN, 1] },
          { name: hostile, x: [1, 2, 3, 4], y: [5, 3, 2, 2.5] },
        ],
      },
    ],
    chosen: { x: 3, label: 'kept' },
  },
  dots: {
    kind: 'dot-plot',
    name: 'markers',
    title: 'Markers',
    groupTitle: 'cluster',
    groups: ['0', hostile],
    genes: ['CD3D', hostile, 'MS4A1'],
    markerOf: [0, 1, -1],
    share: Float32Array.of(0.9, 0, 0.1, 0.5, 1, Number.NaN),
    mean: Float32Array.of(1, 0, 0.2, 0, 1, Number.NaN),
  },
  composition: {
    kind: 'composition',
    name: 'batches',
    title: 'Batches of clusters',
    groupTitle: 'cluster',
    groups: ['0', hostile, 'empty'],
    partTitle: 'batch',
    parts: ['a', hostile],
    counts: Int32Array.of(30, 10, 5, 55, 0, 0),
  },
  calibration: {
    kind: 'calibration',
    name: 'calibration',
    title: 'Calibration',
    curves: [
      {
        name: hostile,
        error: 0.04,
        bins: [
          { confidence: 0.55, accuracy: 0.5, cells: 20 },
          { confidence: 0.95, accuracy: 0.97, cells: 180 },
        ],
      },
    ],
  },
  network: {
    kind: 'network',
    name: 'network',
    title: `Network ${hostile}`,
    nodes: [
      { name: 'STAT1', group: 0, weight: 1, note: hostile },
      { name: hostile, group: 1, weight: 0.2 },
      { name: 'IRF1', group: -1, weight: 0.5 },
    ],
    edges: [
      { from: 0, to: 1, weight: 0.9 },
      { from: 0, to: 2, weight: -0.3 },
    ],
    groups: ['regulator', hostile],
    directed: true,
    edgeTitle: 'difference',
    negativeTitle: hostile,
  },
  text: { kind: 'text', name: 'words', title: hostile, paragraphs: [hostile] },
} as const satisfies Record<string, Section>;

export const sampleReport: TaskReport = {
  task: 'scGPT annotation',
  title: `cells ${hostile}.h5ad`,
  subtitle: `model ${hostile}`,
  summary: ['Cells were labelled.', `They came from ${hostile}.`],
  highlights: [{ value: '0.912', label: hostile, share: 0.912 }],
  model: { name: `model ${hostile}`, hash: 'abc123', trained: false, facts: [['Layers', '2']] },
  warnings: [hostile],
  sections: [sampleMaps, sampleQuickScores, ...Object.values(sampleSections), sampleInput],
  settings: [
    ['Seed', '0'],
    [hostile, hostile],
  ],
  timings: [{ stage: hostile, seconds: 83.2 }],
  environment: [['Device', hostile]],
  command: `scgpt annotate '${hostile}'`,
};
