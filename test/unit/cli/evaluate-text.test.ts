/** @file The tables that `scgpt evaluate` prints: aligned, narrow, the best marked. */

import { describe, expect, it } from 'vitest';
import { integrationMethods } from '../../../src/analysis/integration/methods.ts';
import { evaluateCommand } from '../../../src/cli/commands/evaluate.ts';
import { evaluateText } from '../../../src/cli/evaluate-text.ts';
import type { EvaluateSummary } from '../../../src/tasks/evaluate/files.ts';
import type { ScoredRow, ScoreTable, Spread } from '../../../src/tasks/evaluate/score-table.ts';

const metric = (name: string) => ({ id: name, name, about: '', group: '', better: 'high' }) as const;
const row = (name: string, origin: ScoredRow['origin'], scores: Record<string, Spread>): ScoredRow => ({
  name,
  origin,
  about: '',
  runs: origin === 'data' ? 1 : 3,
  seconds: origin === 'data' ? null : 1.25,
  scores,
});
const once = (mean: number): Spread => ({ mean, sd: null });
const summary = (table: ScoreTable): EvaluateSummary => ({
  data: 'cells.h5ad',
  cells: 1200,
  embeddings: {
    cells: 1190,
    sampledFrom: null,
    batch: 'batch',
    label: 'cell_type',
    unintegrated: 'obsm/X_pca',
    table,
  },
  predictions: null,
  warnings: [],
  output: 'scores.csv',
  report: null,
  figures: null,
});

describe('evaluateText', () => {
  it('aligns numbers, marks the best and says what was done', () => {
    const text = evaluateText(
      summary({
        metrics: [metric('overall'), metric('NMI')],
        rows: [
          row('X_scGPT', 'data', { overall: once(0.8), NMI: once(-0.01) }),
          row('Harmony', 'baseline', { overall: { mean: 0.79, sd: 0.012 } }),
        ],
      }),
    );
    expect(text).toBe(
      [
        'Embeddings, 1,190 of 1,200 cells: types in obs/cell_type, batches in obs/batch',
        '                         overall      NMI     s',
        'X_scGPT                    0.800*  -0.010     -',
        'Harmony (baseline)  0.790 ±0.012        -   1.3',
        '* best; higher is better; ± standard deviation over seeds',
        'Labels (obs/cell_type) were used for scoring only: no method saw them.',
        'Mixing is measured against obsm/X_pca.',
        '',
        'wrote scores.csv',
      ].join('\n'),
    );
  });

  it('says that a sample was scored', () => {
    const whole = summary({ metrics: [metric('NMI')], rows: [row('X', 'data', { NMI: once(0.5) })] });
    if (whole.embeddings === null) throw new Error('no embeddings');
    const sampled = { ...whole, embeddings: { ...whole.embeddings, cells: 500, sampledFrom: 1190 } };
    expect(evaluateText(sampled)).toContain('Embeddings, 500 of 1,200 cells drawn by the seed: types');
  });

  it('breaks wide tables, repeating the names', () => {
    const metrics = Array.from({ length: 20 }, (_, i) => metric(`metric${i}`));
    const scores = Object.fromEntries(metrics.map(({ id }) => [id, once(0.5)]));
    const lines = evaluateText(summary({ metrics, rows: [row('X', 'data', scores)] })).split('\n');
    const table = lines.filter((line) => /metric|^X /.test(line));
    expect(Math.max(...table.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(lines.filter((line) => line.startsWith('X '))).toHaveLength(3);
    expect(lines.join(' ').match(/metric\d+/g)).toHaveLength(20);
  });
});

describe('--methods', () => {
  it('names every method there is', () => {
    for (const { id } of integrationMethods) expect(evaluateCommand.options.methods.help).toContain(id);
  });
});
