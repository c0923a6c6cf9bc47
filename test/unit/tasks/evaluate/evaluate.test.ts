/** @file Evaluation: what is scored, on which cells, and what is said where something cannot be. */

import { describe, expect, it } from 'vitest';
import type { DenseArray } from '../../../../src/single-cell/anndata.ts';
import { DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { subsetObs } from '../../../../src/single-cell/subset.ts';
import { CancelledError, InputError, UsageError } from '../../../../src/support/errors.ts';
import { type EvaluateOptions, evaluate } from '../../../../src/tasks/evaluate/evaluate.ts';
import { cellCount, cells, column, integrated, mixed, separate, typeOf } from './cells.ts';

const both = { batchKey: 'batch', labelKey: 'cell_type' };
const scoresOf = async (data: ReturnType<typeof cells>, options: EvaluateOptions) => {
  const { embeddings, warnings } = await evaluate(data, options);
  const rows = embeddings?.table.rows ?? [];
  const score = (name: string, id: string) =>
    rows.find((row) => row.name === name)?.scores[id]?.mean ?? Number.NaN;
  return { score, warnings, embeddings, names: rows.map(({ name }) => name) };
};

describe('evaluate', () => {
  it('scores a sample of the cells where there are more, drawn by the seed, and says so', async () => {
    const scoredWith = (seed: number) =>
      scoresOf(cells(), { ...both, methods: [], sample: 60, seeds: [seed] });
    const { embeddings, warnings, score } = await scoredWith(1);
    const rows = [...(embeddings?.rows ?? [])];
    expect(rows).toHaveLength(60);
    expect(new Set(rows).size).toBe(60);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    expect(embeddings?.sampledFrom).toBe(120);
    expect(warnings.join()).toMatch(
      /scored on 60 of 120 cells.*--sample.*compare only with scores of as many/,
    );
    expect(
      (await scoresOf(cells(), { ...both, methods: [], sample: 120 })).embeddings?.sampledFrom,
    ).toBeNull();
    expect(score('X_model', 'nmi')).toBeGreaterThan(0.9);
    expect([...((await scoredWith(1)).embeddings?.rows ?? [])]).toEqual(rows);
    expect([...((await scoredWith(2)).embeddings?.rows ?? [])]).not.toEqual(rows);
    await expect(evaluate(cells(), { ...both, sample: 14 })).rejects.toThrow(/14 cells.*at least 15/s);
  });

  it('tells an integrated embedding from one that keeps batches apart and one without structure', async () => {
    const data = cells({ obsm: { X_model: integrated, X_pca: separate, X_noise: mixed } });
    const { score } = await scoresOf(data, { ...both, methods: [] });
    expect(score('X_model', 'overall')).toBeGreaterThan(score('X_pca', 'overall') + 0.1);
    expect(score('X_model', 'nmi')).toBeCloseTo(1, 6);
    expect(score('X_noise', 'avg_bio')).toBeLessThan(0.4);
    expect(score('X_noise', 'ilisi')).toBeGreaterThan(0.8);
    expect(score('X_pca', 'ilisi')).toBeLessThan(0.2);
  });

  it('runs built-in methods on the same cells, with all scores of an embedding', async () => {
    const { names, score, embeddings } = await scoresOf(cells(), {
      ...both,
      methods: ['pca', 'harmony'],
      seeds: [0, 1],
    });
    expect(names).toEqual(['X_model', 'X_pca', 'HVG + PCA', 'Harmony']);
    expect(score('HVG + PCA', 'pcr')).toBe(0);
    expect(score('HVG + PCA', 'structure_kept')).toBe(1);
    expect(score('Harmony', 'pcr')).toBeGreaterThan(0.5);
    const [, , pca, harmony] = embeddings?.table.rows ?? [];
    expect([pca.runs, harmony.runs]).toEqual([1, 2]);
    expect(embeddings?.points.map(({ points }) => points.count)).toEqual([120, 120, 120, 120]);
  });

  it('gives methods no labels: the same points whatever the labels are', async () => {
    const shuffled = column((cell) => typeOf(cell * 7 + (cell % 5)));
    const pointsWith = async (data: ReturnType<typeof cells>) => {
      const { embeddings } = await scoresOf(data, { ...both, embeddings: [], methods: ['harmony'] });
      return Array.from(embeddings?.points[0].points.values ?? []);
    };
    expect(await pointsWith(cells())).toEqual(await pointsWith(cells({ obs: { cell_type: shuffled } })));
  });

  it('scores mixing alone without labels, and types alone without batches', async () => {
    const unlabelled = await scoresOf(cells(), { batchKey: 'batch', methods: [], unintegrated: 'X_pca' });
    const ids = (found: typeof unlabelled) => found.embeddings?.table.metrics.map(({ id }) => id);
    expect(ids(unlabelled)).toEqual(['kbet_all', 'ilisi', 'pcr', 'structure_kept', 'label_free']);
    expect(unlabelled.embeddings?.unintegrated).toBe('obsm/X_pca');
    const unbatched = await scoresOf(cells(), { labelKey: 'cell_type', methods: ['harmony'] });
    expect(ids(unbatched)).toEqual(['avg_bio', 'nmi', 'ari', 'asw_label', 'clisi', 'graph_connectivity']);
    expect(unbatched.names).toEqual(['X_model', 'X_pca']);
  });

  it('gives each embedding the scores that it has alone', async () => {
    const alone = await scoresOf(cells(), {
      ...both,
      embeddings: ['X_model'],
      methods: [],
      unintegrated: 'X_pca',
    });
    const beside = await scoresOf(cells(), { ...both, methods: [], unintegrated: 'X_pca' });
    expect(alone.embeddings?.table.rows[0]).toEqual(beside.embeddings?.table.rows[0]);
  });

  it('takes all embeddings that are none of layouts, graphs or text, whatever holds their numbers', async () => {
    const names = ['a', 'b', 'c'];
    const frame = (values: (cell: number, place: number) => number) =>
      new DataFrame(
        Array.from({ length: cellCount }, (_, cell) => `cell${cell}`),
        names.map((name, place) => [
          name,
          {
            kind: 'number',
            dtype: 'float64',
            values: Float64Array.from({ length: cellCount }, (_, cell) => values(cell, place)),
          },
        ]),
      );
    const plane: DenseArray = { ...mixed, shape: [cellCount * 2, 2] };
    const whole: DenseArray = {
      ...mixed,
      dtype: 'int32',
      values: Int32Array.from(integrated.values, (v) => v * 9),
    };
    const obsm = {
      X_umap: mixed,
      X_two: plane,
      table: frame((cell, place) => (cell % 3 === place ? 5 : 0) + ((cell * 31) % 17) / 17),
      whole,
    };
    const { names: found } = await scoresOf(cells({ obsm }), { ...both, methods: [] });
    expect(found).toEqual(['table', 'whole']);
  });
});

describe('cells that cannot be scored', () => {
  const without = (missing: number) => column((cell) => (cell < missing ? null : typeOf(cell)));
  const holed = (rows: readonly number[]): DenseArray => {
    const values = Float32Array.from(integrated.values as Float32Array);
    for (const row of rows) values[row * 4] = Number.NaN;
    return { ...integrated, values };
  };

  it('are left out of every embedding and told: no label, no batch, NaN', async () => {
    const data = cells({
      obs: { cell_type: without(5) },
      obsm: { X_model: holed([7, 8, 9]), X_pca: separate },
    });
    const { embeddings, warnings } = await scoresOf(data, { ...both, methods: ['pca'] });
    expect(embeddings?.rows.length).toBe(112);
    expect(embeddings?.points.every(({ points }) => points.count === 112)).toBe(true);
    expect(warnings).toEqual([
      '5 cells without cell_type left out of the scores of embeddings',
      '3 cells with NaN in X_model left out, of every embedding',
    ]);
  });

  it('do not change what is scored of the others', async () => {
    const kept = Int32Array.from({ length: 115 }, (_, i) => i + 5);
    const part = await scoresOf(subsetObs(cells(), kept) as ReturnType<typeof cells>, {
      ...both,
      methods: [],
    });
    const whole = await scoresOf(cells({ obs: { cell_type: without(5) } }), { ...both, methods: [] });
    expect(whole.score('X_model', 'overall')).toBe(part.score('X_model', 'overall'));
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'an embedding of NaN alone',
      () => evaluate(cells({ obsm: { X_model: holed([...Array(cellCount).keys()]) } }), { ...both }),
      /obsm\/X_model: every cell has NaN/,
    ],
    [
      'fewer than 15 cells',
      () =>
        evaluate(
          subsetObs(
            cells(),
            Int32Array.from({ length: 14 }, (_, i) => i),
          ),
          { ...both, methods: [] },
        ),
      /there are 14 cells to score/,
    ],
    [
      'few cells with a label',
      () => evaluate(cells({ obs: { cell_type: without(110) } }), { ...both, methods: [] }),
      /there are 10 cells to score, of 120/,
    ],
  ])('are refused: %s', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(InputError);
    await expect(attempt()).rejects.toThrow(message);
  });
});

describe('groups that say nothing', () => {
  const one = column(() => 'only');

  it('one batch: types are scored, mixing is not, and methods that mix are not run', async () => {
    const { embeddings, warnings, names } = await scoresOf(cells({ obs: { batch: one } }), {
      ...both,
      methods: ['all'],
    });
    expect(embeddings?.batch).toBeNull();
    expect(names).toEqual(['X_model', 'X_pca', 'HVG + PCA', 'HVG + scale + PCA']);
    expect(warnings.join()).toContain("all scored cells are of the batch 'only': there is nothing to mix");
  });

  it('one label: mixing is scored alone', async () => {
    const { embeddings, warnings, score } = await scoresOf(cells({ obs: { cell_type: one } }), {
      ...both,
      methods: [],
    });
    expect(embeddings?.labels).toBeNull();
    expect(score('X_model', 'ilisi')).toBeGreaterThan(0.5);
    expect(warnings.join()).toContain('labels are not scored');
  });

  it('a batch column that equals the labels: mixing is not scored, and it is said why', async () => {
    const same = column((cell) => `plate ${typeOf(cell)}`);
    const { embeddings, warnings } = await scoresOf(cells({ obs: { batch: same } }), {
      ...both,
      methods: [],
    });
    expect(embeddings?.table.metrics.map(({ id }) => id)).not.toContain('overall');
    expect(warnings.join()).toContain('batch and cell_type sort the cells in the same way');
  });

  it('one of both: there is nothing to score', async () => {
    const data = cells({ obs: { cell_type: one, batch: one } });
    await expect(evaluate(data, { ...both })).rejects.toThrow(/one label or one batch alone/);
  });
});

describe('methods', () => {
  it('that cannot be run are told, and do not stop the others', async () => {
    const { names, warnings } = await scoresOf(cells({ withX: false }), { ...both });
    expect(names).toEqual(['X_model', 'X_pca']);
    expect(warnings.join()).toContain('built-in methods were not run: cells.h5ad: there is no X');
    const layered = await scoresOf(cells(), { ...both, embeddings: ['X_model'], layer: 'counts' });
    expect(layered.warnings.join()).toContain("there is no layer 'counts'");
  });

  it('are named where an unknown one is asked for', async () => {
    const attempt = evaluate(cells(), { ...both, methods: ['pca', 'magic'] });
    await expect(attempt).rejects.toThrow(UsageError);
    await expect(attempt).rejects.toThrow(/no method 'magic'.*all, none or some of pca, scaled-pca, harmony/);
  });

  it('stop when they are told to', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(evaluate(cells(), { ...both, signal: stop.signal })).rejects.toThrow(CancelledError);
  });
});

describe('predictions', () => {
  const wrong = column((cell) => (cell % 10 === 0 ? 'T' : cell % 10 === 1 ? null : typeOf(cell)));
  const sure = {
    kind: 'number',
    dtype: 'float64',
    values: Float64Array.from({ length: cellCount }, (_, cell) => (cell % 10 === 0 ? 0.4 : 0.95)),
  } as const;
  const obs = { predicted: wrong, sure };

  it('are scored on the cells whose type is known, without any embedding', async () => {
    const { predictions, embeddings } = await evaluate(cells({ obs }), {
      predictions: ['predicted'],
      confidences: ['sure'],
      truth: 'cell_type',
    });
    expect(embeddings).toBeNull();
    const [{ scores }] = predictions?.table.rows ?? [];
    expect(scores.accuracy.mean).toBeCloseTo(1 - 12 / 120 - 8 / 120, 12);
    expect(scores.assigned.mean).toBeCloseTo(1 - 12 / 120, 12);
    expect(Object.keys(scores)).toContain('auroc_errors');
  });

  it('are compared with the labels where no other truth is named, beside embeddings', async () => {
    const { predictions, embeddings } = await evaluate(cells({ obs }), {
      labelKey: 'cell_type',
      predictions: ['predicted', 'cell_type'],
      methods: [],
    });
    expect(embeddings).not.toBeNull();
    expect(predictions?.truth).toBe('cell_type');
    expect(predictions?.table.rows[1].scores.accuracy.mean).toBe(1);
  });

  it.each<[string, EvaluateOptions, RegExp]>([
    ['no truth', { predictions: ['predicted'] }, /--truth with the column of true types/],
    ['truth alone', { ...both, truth: 'cell_type' }, /--truth is about predictions/],
    ['confidence alone', { ...both, confidences: ['sure'] }, /--confidence is about predictions/],
    [
      'one confidence for two',
      { predictions: ['predicted', 'batch'], truth: 'cell_type', confidences: ['sure'] },
      /1 columns of confidence for 2 of predictions/,
    ],
    ['nothing to score by', {}, /obs has cell_type, batch, predicted/],
    [
      'an embedding alone',
      { embeddings: ['X_pca'], predictions: ['predicted'], truth: 'cell_type' },
      /--batch-key/,
    ],
  ])('are refused with %s', async (_, options, message) => {
    await expect(evaluate(cells({ obs }), options)).rejects.toThrow(UsageError);
    await expect(evaluate(cells({ obs }), options)).rejects.toThrow(message);
  });
});

describe('names that are not there', () => {
  it.each<[string, EvaluateOptions, RegExp]>([
    [
      'labels, the likely one first',
      { labelKey: 'CellType' },
      /no column 'CellType'\. Expected one of cell_type, batch/,
    ],
    ['batches', { batchKey: 'donor' }, /--batch-key: there is no column 'donor'/],
    [
      'embeddings',
      { ...both, embeddings: ['X_scVI'] },
      /no embedding 'X_scVI'\. Expected one of X_model, X_pca/,
    ],
    ['the reference of mixing', { ...both, unintegrated: 'X_raw' }, /obsm, --unintegrated/],
    ['predictions', { predictions: ['scgpt_label'], truth: 'cell_type' }, /--prediction: there is no column/],
    [
      'numbers',
      { predictions: ['batch'], truth: 'batch', confidences: ['cell_type'] },
      /the column 'cell_type' holds no numbers/,
    ],
  ])('%s', async (_, options, message) => {
    await expect(evaluate(cells(), options)).rejects.toThrow(InputError);
    await expect(evaluate(cells(), options)).rejects.toThrow(message);
  });
});
