import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/support/errors.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { type BatchLimits, planTrainingBatches } from '../../../../src/train/cells/batches.ts';

const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 });
const limits = fc.record({
  cells: fc.integer({ min: 1, max: 12 }),
  tokens: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
  sortByLength: fc.boolean(),
});
const plan = (some: readonly number[], limits: BatchLimits, seed = 1) =>
  planTrainingBatches(some, limits, randomStream(seed, 'test')).map((batch) => [...batch]);
const fits = (some: readonly number[], { cells, tokens = Number.POSITIVE_INFINITY }: BatchLimits) =>
  some.length === 1 || (some.length <= cells && some.length * Math.max(...some) <= tokens);
const sizes = (batches: number[][]) => batches.map((batch) => batch.length);

/** [single cells, batches, sum of squares] of the best of all cuts of a row, tried one by one. */
function bestCut(row: readonly number[], limits: BatchLimits): number[] {
  if (row.length === 0) return [0, 0, 0];
  let best = [Number.POSITIVE_INFINITY, 0, 0];
  for (let size = 1; size <= row.length; size++) {
    if (!fits(row.slice(0, size), limits)) continue;
    const [single, batches, squares] = bestCut(row.slice(size), limits);
    const score = [single + (size === 1 ? 1 : 0), batches + 1, squares + size * size];
    const first = score.findIndex((value, i) => value !== best[i]);
    if (first >= 0 && score[first] < best[first]) best = score;
  }
  return best;
}

describe('planTrainingBatches', () => {
  it('takes every cell once and keeps the bounds on cells and tokens', () => {
    fc.assert(
      fc.property(lengths, limits, (some, limits) => {
        const batches = plan(some, limits);
        expect(batches.flat().toSorted((a, b) => a - b)).toEqual(some.map((_, cell) => cell));
        const within = (batch: number[]) =>
          fits(
            batch.map((cell) => some[cell]),
            limits,
          );
        expect(batches.every(within)).toBe(true);
      }),
    );
  });

  it('finds the best of all cuts', () => {
    const few = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 9 });
    const tight = fc.record({
      cells: fc.integer({ min: 1, max: 5 }),
      tokens: fc.option(fc.integer({ min: 4, max: 30 }), { nil: undefined }),
      sortByLength: fc.boolean(),
    });
    fc.assert(
      fc.property(few, tight, (some, limits) => {
        const batches = plan(some, limits);
        const single = sizes(batches).filter((size) => size === 1).length;
        const squares = sizes(batches).reduce((sum, size) => sum + size * size, 0);
        const row = limits.sortByLength ? some.toSorted((a, b) => a - b) : some;
        expect([single, batches.length, squares]).toEqual(bestCut(row, limits));
      }),
    );
  });

  it('never leaves one cell over without a bound on tokens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 3, max: 70 }), (count, cells) => {
        const all = sizes(plan(new Array(count).fill(7), { cells, sortByLength: true }));
        expect(all.length).toBe(Math.ceil(count / cells));
        expect(Math.min(...all)).toBeGreaterThanOrEqual(2);
        expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1);
      }),
    );
    const both = plan(new Array(65).fill(7), { cells: 64, sortByLength: false });
    expect(sizes(both).toSorted((a, b) => a - b)).toEqual([32, 33]);
  });

  it('puts similar lengths together, batches in random order, or leaves cells as they come', () => {
    fc.assert(
      fc.property(lengths, limits, (some, limits) => {
        const batches = plan(some, limits);
        if (!limits.sortByLength) {
          expect(batches.flat()).toEqual(some.map((_, cell) => cell));
          return;
        }
        const spans = batches.map((batch) => batch.map((cell) => some[cell]));
        spans.sort((a, b) => a[0] - b[0] || a[a.length - 1] - b[b.length - 1]);
        expect(spans.flat()).toEqual(some.toSorted((a, b) => a - b));
      }),
    );
    const some = Array.from({ length: 100 }, (_, i) => i + 1);
    const limit = { cells: 5, sortByLength: true };
    expect(plan(some, limit, 1)).toEqual(plan(some, limit, 1));
    expect(plan(some, limit, 1)).not.toEqual(plan(some, limit, 2));
    const sorted = plan(some, limit, 2).toSorted((a, b) => a[0] - b[0]);
    expect(sorted).toEqual(plan(some, limit, 1).toSorted((a, b) => a[0] - b[0]));
  });

  it('takes a cell that is longer than a batch alone', () => {
    expect(plan([50, 3, 3], { cells: 8, tokens: 10, sortByLength: false })).toEqual([[0], [1, 2]]);
  });

  it('refuses bounds that are none', () => {
    for (const bad of [0, -1, 1.5, Number.NaN]) {
      expect(() => plan([1], { cells: bad, sortByLength: true })).toThrow(UsageError);
      expect(() => plan([1], { cells: 1, tokens: bad, sortByLength: true })).toThrow(UsageError);
    }
  });
});
