import { describe, expect, it } from 'vitest';
import { filterCells, filterGenes } from '../../../../src/single-cell/preprocess/filter.ts';
import { log1p, looksLogged, normalizeTotal } from '../../../../src/single-cell/preprocess/normalize.ts';
import { selectCells, selectGenes } from '../../../../src/single-cell/preprocess/views.ts';
import { InputError, UsageError } from '../../../../src/support/errors.ts';
import { golden } from '../golden.ts';
import { csrMatrix, denseMatrix, denseRows } from './in-memory.ts';

interface Case {
  readonly parameters: {
    readonly filter_gene_by_counts: number;
    readonly filter_cell_by_counts: number;
    readonly normalize_total_median: number;
  };
  readonly check_logged: { readonly matrix: string; readonly values?: number[][] }[];
}

const fixture = golden<Case>('preprocess');
const { parameters } = fixture.about;
const raw = csrMatrix(
  [390, 400],
  fixture.i32('input/X.indptr'),
  fixture.i32('input/X.indices'),
  fixture.f32('input/X.data'),
);
const someGenes = selectGenes(raw, fixture.i32('filter/genes_kept'));
const kept = selectCells(someGenes, fixture.i32('filter/cells_kept'));

function near(actual: readonly number[], expected: ArrayLike<number>) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(1e-6 + 2e-6 * Math.abs(expected[i]));
  }
}

describe('filters', () => {
  it('leave out genes, then cells, as the reference does', async () => {
    const genes = await filterGenes(raw, parameters.filter_gene_by_counts);
    expect(genes.kept).toEqual(fixture.i32('filter/genes_kept'));
    expect(genes.totals).toEqual(fixture.f64('filter/gene_total_counts'));
    const cells = await filterCells(selectGenes(raw, genes.kept), parameters.filter_cell_by_counts);
    expect(cells.kept).toEqual(fixture.i32('filter/cells_kept'));
    expect(cells.totals).toEqual(fixture.f64('filter/cell_total_counts'));
  });

  it('report progress and refuse thresholds that are none', async () => {
    const done: number[] = [];
    await filterCells(raw, 1, { onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([256, 390]);
    await expect(filterGenes(raw, -1)).rejects.toThrow(UsageError);
    await expect(filterCells(raw, Number.NaN)).rejects.toThrow(UsageError);
  });
});

describe('normalizeTotal', () => {
  it.each([
    ['float_1e4', 1e4],
    ['int_10000_means_median', 'median'],
    ['true_means_median', 'median'],
  ] as const)('%s', async (name, target) => {
    const normalized = await normalizeTotal(kept, target);
    const rows = await denseRows(normalized.matrix);
    near(rows.slice(0, 60).flat(), fixture.f32(`normalize_total/${name}`));
    expect(normalized.target).toBe(target === 'median' ? parameters.normalize_total_median : target);
    for (const row of rows) {
      const total = row.reduce((sum, value) => sum + value, 0);
      expect(Math.abs(total / normalized.target - 1)).toBeLessThan(1e-6);
    }
  });

  it('leaves cells without counts empty and does not let them shift the median', async () => {
    const { matrix, target } = await normalizeTotal(
      denseMatrix([
        [1, 1],
        [0, 0],
        [3, 1],
        [0, 6],
      ]),
      'median',
    );
    expect(target).toBe(4);
    expect(await denseRows(matrix)).toEqual([
      [2, 2],
      [0, 0],
      [3, 1],
      [0, 4],
    ]);
  });

  it('keeps float64 and turns whole numbers into float32', async () => {
    const doubles = await normalizeTotal(denseMatrix([[1, 2]], Float64Array), 1);
    expect(await denseRows(doubles.matrix)).toEqual([[1 * (1 / 3), 2 * (1 / 3)]]);
    const whole = await normalizeTotal(denseMatrix([[1, 2]], Int32Array), 1);
    expect(whole.matrix.dtype).toBe('float32');
    expect(await denseRows(whole.matrix)).toEqual([[Math.fround(1 / 3), Math.fround(2 / 3)]]);
  });

  it('refuses targets and values that make no sense', async () => {
    for (const target of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(normalizeTotal(kept, target)).rejects.toThrow(UsageError);
    }
    await expect(normalizeTotal(denseMatrix([[0, 0]]), 'median')).rejects.toThrow(/no cell has any counts/);
    await expect(normalizeTotal(denseMatrix([[1, -2]]), 1e4)).rejects.toThrow(InputError);
  });
});

describe('log1p', () => {
  it('of normalised counts, as the reference', async () => {
    const { matrix } = await normalizeTotal(kept, 1e4);
    const block = await log1p(matrix).rows(0, 374);
    expect(block.indptr).toEqual(fixture.i32('log1p/X_log1p.indptr'));
    expect(block.indices).toEqual(fixture.i32('log1p/X_log1p.indices'));
    near([...block.values], fixture.f32('log1p/X_log1p.data'));
  });

  it('leaves its source as it was and refuses negative values when they are read', async () => {
    const source = denseMatrix([[1, 3]]);
    await log1p(source).rows(0, 1);
    expect(await denseRows(source)).toEqual([[1, 3]]);
    await expect(log1p(denseMatrix([[1], [-0.5]])).rows(1, 2)).rejects.toThrow(/row 1, column 0/);
  });
});

describe('looksLogged', () => {
  /** What is true of the fixture's matrices; the reference is wrong where the comment says so. */
  const truth: Record<string, boolean> = {
    'raw counts, max 45': false,
    'raw counts, max 8': false,
    'log1p values': true,
    'log1p values, smallest non-zero 1.1': true, // the reference says no
    'normalised fractions below 30': false, // the reference says yes
    'scaled values': false,
    'log2 values': true,
    'max exactly 30': false, // the reference says yes
    CPM: false,
    'all zero': false, // the reference fails
  };

  it.each(fixture.about.check_logged)('$matrix', async ({ matrix, values }) => {
    expect(truth).toHaveProperty([matrix]);
    expect(await looksLogged(denseMatrix(values ?? [[0, 0]]))).toBe(truth[matrix]);
  });

  it('tells the stages of preprocessing apart', async () => {
    const { matrix } = await normalizeTotal(kept, 1e4);
    const fractions = await normalizeTotal(kept, 1);
    expect(await looksLogged(kept)).toBe(false);
    expect(await looksLogged(matrix)).toBe(false);
    expect(await looksLogged(fractions.matrix)).toBe(false);
    expect(await looksLogged(log1p(matrix))).toBe(true);
  });
});
