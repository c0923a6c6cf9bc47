/** @file A report as a real run makes it, from invented numbers, as large as reports are meant to be. */

import type { ReportColumn } from '../../../src/report/columns.ts';
import type { Section, TaskReport } from '../../../src/report/task-report.ts';
import { randomStream } from '../../../src/support/random.ts';

const types = [
  ...['CD14+ monocyte', 'CD4+ T cell, naive', 'CD4+ T cell, memory', 'CD8+ T cell', 'B cell', 'NK cell'],
  ...['FCGR3A+ monocyte', 'Dendritic cell, conventional', 'Megakaryocyte', 'Plasmacytoid dendritic cell'],
  ...['Plasma cell', 'Erythroblast', 'Haematopoietic stem and progenitor cell', 'γδ T cell'],
];
const batches = ['10X v2 A', '10X v3', 'CEL-Seq2', 'Drop-seq', 'inDrops', 'Smart-seq2'];
const unassigned = types.length;

/** A report on so many invented cells; equal numbers of cells give equal reports. */
export function demoReport(cellCount: number): TaskReport {
  const random = randomStream(7, 'demo report');
  const center = types.map((_, i) => [
    Math.cos(2.4 * i) * Math.sqrt(i + 1),
    Math.sin(2.4 * i) * Math.sqrt(i + 1),
  ]);
  const type = new Int32Array(cellCount);
  const batch = new Int32Array(cellCount);
  const predicted = new Int32Array(cellCount);
  const confidence = new Float32Array(cellCount);
  const layouts = [new Float32Array(2 * cellCount), new Float32Array(2 * cellCount)];
  for (let cell = 0; cell < cellCount; cell++) {
    type[cell] = Math.min(types.length - 1, Math.floor(types.length * random.uniform() ** 1.7));
    batch[cell] = Math.floor(batches.length * random.uniform() ** 1.3);
    const sure = random.uniform() ** 0.15;
    confidence[cell] = sure;
    const near = (type[cell] + 1 + Math.floor(3 * random.uniform())) % types.length;
    predicted[cell] = sure < 0.45 ? unassigned : random.uniform() < sure * 1.05 ? type[cell] : near;
    for (const [axis, middle] of center[type[cell]].entries()) {
      const noise = [random.normal(), random.normal()];
      layouts[0][2 * cell + axis] = 5 * middle + noise[0] * (1 + 0.4 * Math.sin(3 * noise[1]));
      layouts[1][2 * cell + axis] = 3 * middle + 1.6 * noise[0] + (axis === 0 ? batch[cell] * 1.1 : 0);
    }
  }
  const layout = (values: Float32Array) =>
    ({ kind: 'dense', dtype: 'float32', shape: [cellCount, 2], values }) as const;
  const columns: ReportColumn[] = [
    { kind: 'groups', name: 'cell_type', groups: types, codes: type },
    { kind: 'groups', name: 'predicted', groups: [...types, 'unassigned'], codes: predicted },
    { kind: 'groups', name: 'batch', groups: batches, codes: batch },
    { kind: 'numbers', name: 'confidence', values: confidence },
  ];
  return {
    task: 'scGPT annotation',
    title: 'pbmc_seven_donors_to_one.h5ad',
    subtitle: `${cellCount.toLocaleString('en-US')} query cells, 12,261 reference cells, 2,000 genes, model blood`,
    summary: [
      `${cellCount.toLocaleString('en-US')} cells were labelled with 14 types learned from the reference; 0.2 % stay unassigned.`,
      'The annotator was fine-tuned for 20 epochs on seven donors; epoch 14 had the least loss on held-out reference cells.',
      'Logistic regression, fitted on the same cells, comes within 0.004: the simple method would do here.',
    ],
    highlights: [
      { value: '0.912', label: 'macro F1 on labelled query cells', share: 0.912 },
      { value: '94.0 %', label: 'of cells labelled right', share: 0.94 },
      { value: '0.2 %', label: 'unassigned, below confidence 0.45' },
      { value: '0.021', label: 'calibration error after temperature 1.3' },
    ],
    warnings: ['The reference has 9 cells of “γδ T cell”; predictions of so rare a type are seldom right.'],
    sections: [
      {
        kind: 'maps',
        name: 'cells',
        title: 'Map of the query cells',
        note: 'UMAP puts cells with similar embeddings near each other. Distances between groups, their sizes and the axes mean nothing. Point at a cell to find it in every map.',
        cells: Array.from({ length: cellCount }, (_, i) => `AAACATACAACCAC-${i}`),
        maps: [
          {
            title: 'scGPT',
            caption: 'UMAP of the fine-tuned cell embeddings, 15 neighbours',
            layout: layout(layouts[0]),
          },
        ],
        columns,
        colorBy: ['cell_type', 'predicted', 'batch', 'confidence'],
      },
      {
        kind: 'maps',
        name: 'before-after',
        title: 'Before and after',
        note: 'The same cells before and after integration: batches should mix, types should not.',
        cells: Array.from({ length: cellCount }, (_, i) => `AAACATACAACCAC-${i}`),
        maps: [
          { title: 'scGPT', caption: 'UMAP of the integrated embedding', layout: layout(layouts[0]) },
          {
            title: 'Unintegrated PCA',
            caption: 'UMAP of 50 principal components',
            layout: layout(layouts[1]),
          },
        ],
        columns,
        colorBy: ['batch', 'cell_type'],
      },
      ...numbersOf(type, predicted, batch, random),
    ],
    model: {
      name: 'blood',
      hash: 'sha256:5f1c1e7d3b5cbb0e',
      trained: true,
      facts: [
        ['Layers', '6'],
        ['Width', '192'],
        ['Vocabulary', '20,312 tokens'],
      ],
    },
    settings: [
      ['Epochs', '20'],
      ['Batch', '32 cells'],
      ['Learning rate', '1e-4'],
      ['Seed', '0'],
      ['Rejection threshold', '0.45'],
    ],
    timings: [
      { stage: 'Preparing', seconds: 4.2 },
      { stage: 'Fine-tuning', seconds: 371 },
      { stage: 'Predicting', seconds: 42 },
    ],
    environment: [
      ['scgpt', '0.1.0'],
      ['Node', 'v20.19.0'],
      ['Device', 'cpu'],
      ['Threads', '2'],
    ],
    command:
      'scgpt annotate query.h5ad --reference reference.h5ad --label-key cell_type --seed 0 -o annotated.h5ad',
  };
}

function numbersOf(
  type: Int32Array,
  predicted: Int32Array,
  batch: Int32Array,
  random: ReturnType<typeof randomStream>,
): Section[] {
  const named = [...types, 'unassigned'];
  const counts = new Int32Array(types.length * named.length);
  const composition = new Int32Array(types.length * batches.length);
  type.forEach((code, cell) => {
    counts[code * named.length + predicted[cell]]++;
    composition[code * batches.length + batch[cell]]++;
  });
  const genes = types.flatMap((_, i) => ['CD', 'IL', 'FCER', 'MS4A'].map((stem) => `${stem}${i + 1}`));
  const expressed = types.flatMap((_, i) =>
    genes.map((__, j) =>
      Math.floor(j / 4) === i ? 0.6 + 0.4 * random.uniform() : 0.5 * random.uniform() ** 3,
    ),
  );
  const epochs = Array.from({ length: 20 }, (_, i) => i + 1);
  const loss = (scale: number, gap: number) => [
    {
      name: 'training',
      x: epochs,
      y: epochs.map((x) => scale * (0.1 + Math.exp(-x / 4)) * (1 + 0.03 * random.normal())),
    },
    {
      name: 'validation',
      x: epochs,
      y: epochs.map((x) => scale * (0.1 + gap * x * 0.004 + Math.exp(-x / 5)) * (1 + 0.03 * random.normal())),
    },
  ];
  const bins = (bias: number) =>
    Array.from({ length: 10 }, (_, i) => {
      const confidence = (i + 0.5) / 10;
      return {
        confidence,
        accuracy: Math.max(0, Math.min(1, confidence - bias * Math.sin(Math.PI * confidence))),
        cells: 5 + 3 * i ** 3,
      };
    });
  return [
    {
      kind: 'scores',
      name: 'methods',
      title: 'Beside simple methods',
      note: 'All methods saw the same reference cells and were scored on the same query cells. Differences below 0.02 are within what another seed gives.',
      metrics: [
        { key: 'overall', title: 'Overall', group: 'Overall' },
        { key: 'nmi', title: 'NMI', group: 'Biology kept' },
        { key: 'ari', title: 'ARI', group: 'Biology kept' },
        { key: 'asw_label', title: 'ASW label', group: 'Biology kept' },
        { key: 'asw_batch', title: 'ASW batch', group: 'Batches mixed' },
        { key: 'connectivity', title: 'Connectivity', group: 'Batches mixed' },
        { key: 'ilisi', title: 'iLISI', group: 'Batches mixed' },
        { key: 'seconds', title: 'Time', unit: 'seconds', range: null, lowerIsBetter: true, group: 'Cost' },
      ],
      methods: [
        { name: 'scGPT, fine-tuned', ours: true, scores: [0.812, 0.82, 0.79, 0.61, 0.93, 0.95, 0.42, 371] },
        { name: 'scGPT, zero-shot', ours: true, scores: [0.68, 0.7, 0.6, 0.52, 0.85, 0.88, 0.2, 42] },
        {
          name: 'Harmony',
          ours: false,
          note: '50 components',
          scores: [0.806, 0.81, 0.79, 0.58, 0.92, 0.94, 0.45, 6.1],
        },
        { name: 'scVI', ours: false, scores: [0.79, 0.8, 0.77, 0.56, 0.91, 0.95, 0.44, 180] },
        { name: 'Unintegrated PCA', ours: false, scores: [0.61, 0.66, 0.5, 0.55, 0.8, 0.81, 0.05, 2.2] },
        {
          name: 'Seurat',
          ours: false,
          note: 'no result: fewer than 30 cells in batch inDrops',
          scores: new Array<number>(8).fill(Number.NaN),
        },
      ],
    },
    {
      kind: 'confusion',
      name: 'confusion',
      title: 'Confusion matrix',
      note: 'Query cells by their label (rows) and what they were called (columns).',
      rowTitle: 'Label',
      columnTitle: 'Predicted',
      rows: types,
      columns: named,
      counts,
    },
    {
      kind: 'table',
      name: 'classes',
      title: 'By cell type',
      columns: [
        { title: 'Cell type', unit: 'text' },
        { title: 'Precision', unit: 'score', bar: true },
        { title: 'Recall', unit: 'score', bar: true },
        { title: 'F1', unit: 'score', bar: true },
        { title: 'Support', unit: 'count' },
        { title: 'Unassigned', unit: 'share' },
      ],
      rows: types.map((name, i) => [
        name,
        0.99 - 0.03 * i,
        0.98 - 0.035 * i,
        0.985 - 0.033 * i,
        Math.floor(9000 / (i + 1)),
        0.002 * i,
      ]),
    },
    {
      kind: 'calibration',
      name: 'calibration',
      title: 'Whether confidence can be believed',
      note: 'On held-out reference cells. On the dashed line, cells called with 80 % confidence are right in 80 % of cases. A dot’s area is the share of cells.',
      curves: [
        { name: 'raw', error: 0.087, bins: bins(0.16) },
        { name: 'calibrated', error: 0.021, bins: bins(0.03) },
      ],
    },
    {
      kind: 'curves',
      name: 'losses',
      title: 'Training',
      note: 'Mean loss by epoch, one panel for each objective. The dashed line is the epoch that was kept.',
      xTitle: 'epoch',
      yTitle: 'loss',
      panels: [
        { title: 'Sum', curves: loss(40, 0.2) },
        { title: 'GEP, masked expression', curves: loss(20, 0.1) },
        { title: 'CLS, cell types', curves: loss(1.8, 1) },
      ],
      chosen: { x: 14, label: 'kept: epoch 14' },
    },
    {
      kind: 'dot-plot',
      name: 'markers',
      title: 'Markers of the predicted types',
      note: 'The four genes that set each type apart most. A dot’s size is the share of cells that express the gene, its colour the mean expression.',
      groupTitle: 'cell type',
      groups: types,
      genes,
      markerOf: genes.map((_, j) => Math.floor(j / 4)),
      share: expressed,
      mean: expressed.map((value) => Math.min(1, value)),
    },
    {
      kind: 'composition',
      name: 'batches',
      title: 'Batches of each type',
      note: 'Where a bar differs much from that of all cells, a type is specific to a batch, or batches are not mixed.',
      groupTitle: 'cell type',
      groups: types,
      partTitle: 'batch',
      parts: batches,
      counts: composition,
    },
  ];
}
