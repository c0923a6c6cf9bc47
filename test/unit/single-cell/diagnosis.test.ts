/** @file What kind of values a matrix holds: the fixture's 33 matrices, and what must hold for any. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  diagnose,
  diagnoseMatrix,
  type InputDiagnosis,
  requireUsableInput,
} from '../../../src/single-cell/diagnosis/diagnose.ts';
import type { ScaleName } from '../../../src/single-cell/diagnosis/scales.ts';
import { type InputStatistics, StatisticsCollector } from '../../../src/single-cell/diagnosis/statistics.ts';
import type { Matrix, SparseRows } from '../../../src/single-cell/matrix.ts';
import { randomStream } from '../../../src/support/random.ts';
import { golden } from './golden.ts';

interface Expected {
  readonly verdict: string;
  readonly confidence: 'certain' | 'likely' | 'possible';
  readonly statistics: Readonly<Record<string, number | null>>;
}

const fixture = golden<{ readonly matrices: Readonly<Record<string, Expected>> }>('input-diagnosis');
const cases = Object.entries(fixture.about.matrices);

/** A matrix in memory, its zeros left out. */
function matrixOf(values: ArrayLike<number>, [rows, columns]: readonly [number, number]): Matrix {
  const block = (start: number, end: number): SparseRows => {
    const indptr = [0];
    const indices: number[] = [];
    const kept: number[] = [];
    for (let row = start; row < end; row++) {
      for (let column = 0; column < columns; column++) {
        const value = values[row * columns + column];
        if (value !== 0) {
          indices.push(column);
          kept.push(value);
        }
      }
      indptr.push(kept.length);
    }
    return {
      start,
      rowCount: end - start,
      columnCount: columns,
      indptr: Int32Array.from(indptr),
      indices: Int32Array.from(indices),
      values: Float64Array.from(kept),
    };
  };
  return {
    shape: [rows, columns],
    dtype: 'float32',
    layout: 'dense',
    rows: (start, end) => Promise.resolve(block(start, end)),
  };
}

function fixtureMatrix(name: string): Matrix {
  return matrixOf(fixture.f32(name), fixture.shape(name) as [number, number]);
}

/** The statistics by the fixture's names. */
function byGoldenName(statistics: InputStatistics): Record<string, number | null> {
  const found: Record<string, number | null> = {
    min: statistics.min,
    max: statistics.max,
    zero_share: statistics.zeroShare,
    negative_share: statistics.negativeShare,
    integer_share_of_nonzero: statistics.integerShareOfNonzero,
    distinct_nonzero_values: statistics.distinctNonzeroValues,
    share_of_cells_with_the_same_maximum: statistics.shareOfCellsWithTheSameMaximum,
    column_mean_abs_median: statistics.columnMeanAbsMedian,
    column_sd_median: statistics.columnSdMedian,
  };
  const prefixes: readonly (readonly [ScaleName, string])[] = [
    ['linear', ''],
    ['expm1', 'expm1_'],
    ['exp2m1', 'exp2m1_'],
    ['exp10m1', 'exp10m1_'],
  ];
  for (const [scale, prefix] of prefixes) {
    const on = statistics.scales.get(scale);
    if (on === undefined) continue;
    found[`${prefix}row_sum_median`] = on.rowSumMedian;
    found[`${prefix}row_sum_relative_spread`] = on.rowSumRelativeSpread;
    found[`${prefix}cells_whole_multiples_of_smallest`] = on.cellsWholeMultiplesOfSmallest;
  }
  return found;
}

describe('the 33 matrices of the fixture', () => {
  it.each(cases)('%s: verdict', async (name, expected) => {
    const { kind, confidence } = await diagnoseMatrix(fixtureMatrix(name));
    expect(kind).toBe(expected.verdict);
    if (expected.confidence === 'certain') expect(confidence).toBe('certain');
    else expect(confidence).not.toBe('certain');
  });

  it.each(cases)('%s: statistics', async (name, expected) => {
    const found = byGoldenName((await diagnoseMatrix(fixtureMatrix(name))).statistics);
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected.statistics).sort());
    for (const [key, wanted] of Object.entries(expected.statistics)) {
      if (wanted === null) expect(found[key], key).toBeNull();
      else expect(Math.abs(found[key]! - wanted), key).toBeLessThanOrEqual(1e-6 + 1e-4 * Math.abs(wanted));
    }
  });
});

/** What a diagnosis says, in one text. */
const text = ({ sentences }: InputDiagnosis) => sentences.join(' ');

/** Small counts: mostly zeros and ones, genes of falling abundance, cells of different depth. */
function counts(cells: number, genes: number, seed = 1): Float64Array {
  const draws = randomStream(seed, 'counts');
  return Float64Array.from({ length: cells * genes }, (_, entry) => {
    const expected = (4 / (1 + (entry % genes))) * (0.5 + (Math.floor(entry / genes) % 7));
    let value = 0;
    for (let product = draws.uniform(); product > Math.exp(-expected); product *= draws.uniform()) value++;
    return value;
  });
}

/** Values changed one by one, with the total of their cell. */
function perCell(values: Float64Array, genes: number, change: (value: number, total: number) => number) {
  return values.map((value, entry) => {
    const start = entry - (entry % genes);
    return value === 0
      ? 0
      : change(
          value,
          values.subarray(start, start + genes).reduce((a, b) => a + b, 0),
        );
  });
}

describe('the same counts in every form', () => {
  const [cells, genes] = [120, 40];
  const shape = [cells, genes] as const;
  const raw = counts(cells, genes);
  const changed = (change: (value: number, total: number) => number) =>
    diagnoseMatrix(matrixOf(perCell(raw, genes, change), shape));
  const anyTarget = fc.double({ min: 50, max: 1e6, noNaN: true });

  it('are told apart whatever the total they were normalised to', async () => {
    await fc.assert(
      fc.asyncProperty(anyTarget, async (target) => {
        fc.pre(Math.abs(target / 1e6 - 1) > 0.02);
        const normalised = await changed((value, total) => Math.fround((target * value) / total));
        expect(normalised).toMatchObject({ kind: 'normalised_total', use: 'as_is' });
        expect(normalised.targetSum! / target).toBeCloseTo(1, 5);
        for (const [kind, log] of [
          ['log1p', Math.log1p],
          ['log2', (x: number) => Math.log2(1 + x)],
          ['log10', (x: number) => Math.log10(1 + x)],
          ['log1p_twice', (x: number) => Math.log1p(Math.log1p(x))],
        ] as const) {
          const logged = await changed((value, total) => Math.fround(log((target * value) / total)));
          expect(logged.kind).toBe(kind);
          expect(logged.targetSum! / target).toBeCloseTo(1, 3);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are scaled counts when multiplied, and the factor is named', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.11, max: 9.9, noNaN: true }), async (unit) => {
        fc.pre(Math.abs(unit - Math.round(unit)) > 1e-3);
        const found = await changed((value) => Math.fround(unit * value));
        expect(found.kind).toBe('scaled_counts');
        expect(found.unit! / unit).toBeCloseTo(1, 5);
      }),
      { numRuns: 30 },
    );
  });

  it('are counts under a logarithm when they were not normalised', async () => {
    expect((await changed((value) => Math.fround(Math.log1p(value)))).kind).toBe('log1p_of_counts');
  });

  it('are raw whatever their order', async () => {
    const order = randomStream(3, 'order').shuffle(Array.from({ length: cells }, (_, cell) => cell));
    const shuffled = Float64Array.from(
      raw,
      (_, entry) => raw[order[Math.floor(entry / genes)] * genes + (entry % genes)],
    );
    const [a, b] = [
      await diagnoseMatrix(matrixOf(raw, shape)),
      await diagnoseMatrix(matrixOf(shuffled, shape)),
    ];
    expect(a.kind).toBe('raw_counts');
    expect(b.statistics.columnSdMedian).toBeCloseTo(a.statistics.columnSdMedian, 12);
    expect(b.statistics.scales.get('linear')).toEqual(a.statistics.scales.get('linear'));
  });

  it('are raw with empty cells and genes among them', async () => {
    const gaps = raw.map((value, entry) =>
      Math.floor(entry / genes) % 3 === 0 || entry % 5 === 0 ? 0 : value,
    );
    expect((await diagnoseMatrix(matrixOf(gaps, shape))).kind).toBe('raw_counts');
    const normalised = perCell(gaps, genes, (value, total) => (1e4 * value) / total);
    expect((await diagnoseMatrix(matrixOf(normalised, shape))).kind).toBe('normalised_total');
  });
});

describe('values the model cannot use', () => {
  const names = { cells: ['AAAC-1', 'AAAG-1'], genes: ['CD3D', 'MS4A1', 'NKG7'] };

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'names cell and gene of %s',
    async (bad) => {
      const found = await diagnoseMatrix(matrixOf([1, 0, 2, 0, bad, 3], [2, 3]), names);
      expect(found).toMatchObject({ kind: 'not_finite', use: 'refuse', confidence: 'certain' });
      expect(found.statistics).toMatchObject({
        notFinite: 1,
        firstNotFinite: { row: 1, column: 1, value: bad },
      });
      expect(() => requireUsableInput(found, 'pbmc.h5ad: X')).toThrow(
        `${bad} in cell 'AAAG-1', gene 'MS4A1'`,
      );
      expect(() => requireUsableInput(found, 'pbmc.h5ad: X')).toThrow(/^pbmc\.h5ad: X: the matrix holds/);
    },
  );

  it('numbers cell and gene when there are no names', async () => {
    expect(text(await diagnoseMatrix(matrixOf([1, 0, 2, 0, Number.NaN, 3], [2, 3])))).toContain(
      'cell 2, gene 2',
    );
  });

  it('refuses negative counts, naming the first', async () => {
    const found = await diagnoseMatrix(matrixOf([1, 0, 2, 0, -1, 3], [2, 3]), names);
    expect(found).toMatchObject({ kind: 'negative_values', use: 'refuse' });
    expect(() => requireUsableInput(found)).toThrow(/-1 in cell 'AAAG-1', gene 'MS4A1'.*--layer counts/);
  });

  it.each(['scaled', 'scaled_clipped_5', 'pearson_residuals', 'pca_embedding', 'all_zero', 'constant'])(
    'refuses %s',
    async (name) => {
      const found = await diagnoseMatrix(fixtureMatrix(name));
      expect(found.use).toBe('refuse');
      expect(() => requireUsableInput(found)).toThrow(
        expect.objectContaining({ reason: found.kind, exitCode: 2 }),
      );
    },
  );

  it('lets everything else pass', async () => {
    for (const [name] of cases) {
      const found = await diagnoseMatrix(fixtureMatrix(name));
      if (found.use !== 'refuse') expect(() => requireUsableInput(found)).not.toThrow();
      expect(text(found).length).toBeGreaterThan(20);
    }
  });

  it.each([
    [0, 0],
    [0, 5],
    [5, 0],
  ] as const)('calls %i cells x %i genes nothing but zeros', async (cells, genes) => {
    expect(await diagnoseMatrix(matrixOf([], [cells, genes]))).toMatchObject({
      kind: 'all_zero',
      use: 'refuse',
    });
  });
});

describe('what is remarkable', () => {
  it.each([
    ['counts_downsampled_equal_totals', /same total: they were sampled down/],
    ['raw_counts_full_length_reads', /reads rather than molecules/],
    ['adt_counts', /49 features: these look like proteins/],
    ['log1p_1e4', /total of a cell is 10,000.*Do not take the logarithm again/],
    ['cpm', /total of a cell is 1,000,000/],
    ['counts_times_constant', /One count is 0\.37\b/],
  ])('%s', async (name, words) => {
    expect(text(await diagnoseMatrix(fixtureMatrix(name)))).toMatch(words);
  });
});

describe('large matrices', () => {
  it('are judged by cells from several places, and this is said', async () => {
    const [cells, genes] = [5000, 20];
    const read: [number, number][] = [];
    const whole = matrixOf(counts(cells, genes), [cells, genes]);
    const matrix: Matrix = {
      ...whole,
      rows: (start, end) => {
        read.push([start, end]);
        return whole.rows(start, end);
      },
    };
    const found = await diagnoseMatrix(matrix, { maxCells: 400 });
    expect(found).toMatchObject({ kind: 'raw_counts', cells: { seen: 400, of: cells } });
    expect(read).toHaveLength(8);
    expect(read[0][0]).toBe(0);
    expect(read[7][1]).toBe(cells);
    expect(text(found)).toContain('400 of 5,000 cells');
  });

  it('are streamed whole in bounded memory with the same verdict', async () => {
    const [cells, genes] = [256, 30];
    const block = await matrixOf(
      perCell(counts(cells, genes), genes, (value, total) => Math.log1p((1e4 * value) / total)),
      [cells, genes],
    ).rows(0, cells);
    const copies = 160;
    const seen = (times: number) => {
      const collector = new StatisticsCollector(genes);
      for (let copy = 0; copy < times; copy++) collector.add({ ...block, start: copy * cells });
      return diagnose(collector.statistics(), times * cells);
    };
    const [once, many] = [seen(1), seen(copies)];
    expect(many.cells).toEqual({ seen: copies * cells, of: copies * cells });
    expect(many).toMatchObject({ kind: 'log1p', confidence: 'certain' });
    expect(many.statistics.zeroShare).toBeCloseTo(once.statistics.zeroShare, 12);
    // The median is that of every fourth cell by now.
    const medianOf = ({ statistics }: InputDiagnosis) => statistics.scales.get('linear')!.rowSumMedian;
    expect(Math.abs(medianOf(many) / medianOf(once) - 1)).toBeLessThan(0.05);
  });
});
