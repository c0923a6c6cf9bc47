import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BinningMode, ValueBinner } from '../../../src/single-cell/binning.ts';
import type { NumericArray } from '../../../src/single-cell/matrix.ts';
import { InputError, UsageError } from '../../../src/support/errors.ts';
import { randomStream } from '../../../src/support/random.ts';
import { golden } from './golden.ts';

interface BadInput {
  readonly input: string;
  readonly call: string;
}

interface Case {
  readonly parameters: { readonly cells: { readonly cell: string; readonly n_bins: number }[] };
  readonly bad_inputs: BadInput[];
}

const fixture = golden<Case>('binning');

/** Hands out recorded draws and fails when asked for more than were recorded. */
function replay(draws: Float64Array) {
  let next = 0;
  const uniform = () => {
    if (next === draws.length) throw new Error(`more than the ${draws.length} recorded draws were asked for`);
    return draws[next++];
  };
  return { uniform, left: () => draws.length - next };
}

function bins(values: NumericArray, binCount: number, mode: BinningMode, uniform?: () => number): number[] {
  const out = new Float64Array(values.length).fill(Number.NaN);
  new ValueBinner(binCount, mode).bin(values, out, uniform);
  return [...out];
}

describe('ValueBinner against the reference', () => {
  it.each(fixture.about.parameters.cells)('$cell in $n_bins bins, bit for bit', ({ cell, n_bins }) => {
    const row = fixture.numbers(`${cell}/row`);
    const at = `${cell}/bins${n_bins}`;
    if (!fixture.has(`${at}/edges`)) {
      expect(row.every((value) => value === 0)).toBe(true);
      for (const mode of ['left', 'random', 'midpoint'] as const) {
        expect(bins(row, n_bins, mode, () => 0.5)).toEqual([...row]);
      }
      return;
    }
    const left = fixture.i32(`${at}/left`);
    const right = fixture.i32(`${at}/right`);
    const draws = replay(fixture.f64(`${at}/u`));
    const binner = new ValueBinner(n_bins, 'random');
    const digits = new Int32Array(row.length);
    binner.bin(row, digits, draws.uniform);
    expect(binner.edges).toEqual(fixture.f64(`${at}/edges`));
    expect(digits).toEqual(fixture.i32(`${at}/digits`));
    expect(draws.left()).toBe(0);

    const nonZero = [...row.keys()].filter((i) => row[i] !== 0);
    const leftBins = bins(row, n_bins, 'left');
    expect(nonZero.map((i) => leftBins[i])).toEqual([...left]);
    const middle = bins(row, n_bins, 'midpoint');
    expect(nonZero.map((i) => middle[i])).toEqual(
      [...left].map((high, i) => (high > right[i] ? (right[i] + 1 + high) / 2 : high)),
    );
    for (const [i, value] of row.entries()) {
      if (value === 0) expect([leftBins[i], middle[i]]).toEqual([0, 0]);
    }
  });

  it('gives raw and log-normalised values the same bins', () => {
    const raw = fixture.f32('umi_raw_f32/row');
    const logged = fixture.f32('umi_lognorm_f32/row');
    for (const mode of ['left', 'midpoint'] as const) {
      expect(bins(raw, 51, mode)).toEqual(bins(logged, 51, mode));
    }
    const draws = fixture.f64('umi_raw_f32/bins51/u');
    const drawn = bins(raw, 51, 'random', replay(draws).uniform);
    expect(bins(logged, 51, 'random', replay(draws).uniform)).toEqual(drawn);

    const theirs = fixture.i32('rank_invariance/digits_raw'); // other draws, not recorded
    expect(fixture.i32('rank_invariance/digits_lognorm')).toEqual(theirs);
    const high = bins(raw, 51, 'left');
    const middle = bins(raw, 51, 'midpoint');
    expect([...theirs].every((bin, i) => bin <= high[i] && bin >= 2 * middle[i] - high[i])).toBe(true);
  });

  it('bins the rows of a matrix one after the other', () => {
    const [rows, columns] = fixture.shape('preprocessor/X');
    const X = fixture.f32('preprocessor/X');
    const edges = fixture.f64('preprocessor/bin_edges');
    const draws = replay(fixture.f64('preprocessor/u'));
    const binner = new ValueBinner(51, 'random');
    const binned = new Int32Array(X.length);
    for (let row = 0; row < rows; row++) {
      const values = X.subarray(row * columns, (row + 1) * columns);
      binner.bin(values, binned.subarray(row * columns, (row + 1) * columns), draws.uniform);
      if (values.some((value) => value > 0)) {
        expect([0, ...binner.edges]).toEqual([...edges.subarray(row * 51, (row + 1) * 51)]);
      }
    }
    expect(binned).toEqual(fixture.i32('preprocessor/X_binned'));
    expect(draws.left()).toBe(0);
  });
});

describe('ValueBinner on bad input', () => {
  it('does better than the reference on each of its bad inputs, or the same', () => {
    const outcome: Record<string, () => unknown> = {
      'all-zero row, numpy': () => expect(bins(new Float64Array(4), 51, 'left')).toEqual([0, 0, 0, 0]),
      'all-zero row, torch tensor': () => expect(bins(new Float32Array(4), 51, 'left')).toEqual([0, 0, 0, 0]),
      'empty row': () => expect(bins(new Float32Array(0), 51, 'left')).toEqual([]),
      'NaN in row': () => refuses([1, Number.NaN, 0, 2], /value 1 is NaN/),
      '+Infinity in row': () => refuses([0, 1, Number.POSITIVE_INFINITY], /value 2 is Infinity/),
      'n_bins 1': () => expect(() => new ValueBinner(1, 'left')).toThrow(UsageError),
      'n_bins 0': () => expect(() => new ValueBinner(0, 'left')).toThrow(/number of bins is 0.*at least 2/),
      'only negative values and zero': () => refuses([-1, -2, 0], /no value is above zero.*-2/),
      'binning given as a float': () => expect(() => new ValueBinner(51.5, 'left')).toThrow(/51\.5/),
    };
    const elsewhere = new Set(['Preprocessor(binning=51)', 'Preprocessor(binning=5)', '_digitize']);
    for (const { input, call } of fixture.about.bad_inputs) {
      if (outcome[input] !== undefined) outcome[input]();
      else expect(elsewhere, `${input}: ${call}`).toContain(call); // see preprocess/binned.test.ts; the types
    }
  });

  it('leaves its output alone when it refuses', () => {
    const out = new Float32Array([9, 9]);
    expect(() => new ValueBinner(5, 'left').bin(new Float32Array([1, Number.NaN]), out)).toThrow(InputError);
    expect([...out]).toEqual([9, 9]);
  });

  it('refuses random bins without draws', () => {
    expect(() => bins(new Float32Array([1]), 5, 'random')).toThrow(UsageError);
  });

  function refuses(values: number[], message: RegExp) {
    for (const row of [Float32Array.from(values), Float64Array.from(values)]) {
      expect(() => bins(row, 51, 'left')).toThrow(InputError);
      expect(() => bins(row, 51, 'left')).toThrow(message);
    }
  }
});

describe('properties of bins', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 300 });
  const reals = fc.array(fc.float({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
  const binCount = fc.integer({ min: 2, max: 60 });
  const steady = fc.constantFrom<BinningMode>('left', 'midpoint');
  const nonDecreasing = (values: ArrayLike<number>, binned: number[]) => {
    const order = [...binned.keys()].sort((a, b) => values[a] - values[b]);
    return order.every((i, rank) => rank === 0 || binned[order[rank - 1]] <= binned[i]);
  };

  it('zero has bin 0 and all else 1 .. binCount - 1, never falling with the value', () => {
    fc.assert(
      fc.property(fc.oneof(counts, reals), binCount, steady, fc.boolean(), (values, count, mode, single) => {
        const row = single ? Float32Array.from(values) : Float64Array.from(values);
        const binned = bins(row, count, mode);
        for (const [i, value] of row.entries()) {
          if (value === 0) expect(binned[i]).toBe(0);
          else expect(binned[i] >= 1 && binned[i] <= count - 1).toBe(true);
        }
        expect(nonDecreasing(row, binned)).toBe(true);
      }),
    );
  });

  /** False where numpy's rounding puts an edge that is a value next to it: there the last bit of values counts. */
  const edgesAreOnOrBetweenValues = (length: number, count: number) =>
    Array.from({ length: count - 1 }, (_, k) => (length - 1) * (k * (1 / (count - 2)))).every((position) => {
      const offset = Math.abs(position - Math.round(position));
      return offset === 0 || offset > 1e-9;
    });

  it('depends on ranks only: log1p changes no bin of counts', () => {
    fc.assert(
      fc.property(counts, binCount, steady, (values, count, mode) => {
        const raw = Float64Array.from(values);
        fc.pre(edgesAreOnOrBetweenValues(raw.filter((value) => value > 0).length, count));
        expect(bins(raw.map(Math.log1p), count, mode)).toEqual(bins(raw, count, mode));
      }),
    );
  });

  it('permuting genes permutes bins', () => {
    fc.assert(
      fc.property(reals, binCount, steady, fc.integer(), (values, count, mode, seed) => {
        const order = randomStream(seed, 'order').shuffle([...values.keys()]);
        const straight = bins(Float32Array.from(values), count, mode);
        const permuted = bins(
          Float32Array.from(order, (i) => values[i]),
          count,
          mode,
        );
        expect(permuted).toEqual(order.map((i) => straight[i]));
      }),
    );
  });

  it('random bins lie between the sides of a tie and have the midpoint as their mean', () => {
    const row = Float32Array.from({ length: 400 }, (_, i) => 1 + (i % 3));
    const middle = bins(row, 51, 'midpoint');
    const high = bins(row, 51, 'left');
    const sums = new Float64Array(row.length);
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const stream = randomStream(5, 'round', round);
      const drawn = bins(row, 51, 'random', () => stream.uniform());
      for (const [i, bin] of drawn.entries()) {
        expect(bin >= 2 * middle[i] - high[i] && bin <= high[i]).toBe(true);
        sums[i] += bin;
      }
    }
    for (const [i, sum] of sums.entries()) expect(Math.abs(sum / rounds - middle[i])).toBeLessThan(1.3);
  });

  it('float32 rows give the bins of the same values in float64 where no difference is rounded', () => {
    fc.assert(
      fc.property(counts, binCount, steady, (values, count, mode) => {
        expect(bins(Float32Array.from(values), count, mode)).toEqual(
          bins(Int32Array.from(values), count, mode),
        );
      }),
    );
  });

  it('bins a cell of 2,000 genes in a fraction of a millisecond', () => {
    const stream = randomStream(1, 'speed');
    const row = Float32Array.from(
      { length: 2000 },
      () => 1 + Math.floor(-3 * Math.log(1 - stream.uniform())),
    );
    const out = new Float32Array(row.length);
    const binner = new ValueBinner(51, 'left');
    for (let warmUp = 0; warmUp < 200; warmUp++) binner.bin(row, out);
    const begin = performance.now();
    for (let round = 0; round < 200; round++) binner.bin(row, out);
    expect((performance.now() - begin) / 200).toBeLessThan(1); // 0.05 ms on an idle core
  });
});
