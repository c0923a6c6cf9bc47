/** @file Which labelled cells are held out, and which are shown in an epoch. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownCells, splitByClass } from '../../../../src/tasks/annotate/class-shares.ts';

const codes = fc
  .array(fc.integer({ min: -1, max: 4 }), { minLength: 1, maxLength: 200 })
  .map((list) => Int32Array.from(list));
const countOf = (rows: Int32Array, of: Int32Array, code: number) =>
  rows.filter((row) => of[row] === code).length;

describe('splitByClass', () => {
  it('puts every labelled cell on one side, and keeps cells of every class in training', () => {
    fc.assert(
      fc.property(codes, fc.double({ min: 0.01, max: 0.9, noNaN: true }), (all, share) => {
        const { training, heldOut } = splitByClass(all, { share, seed: 1 });
        const both = [...training, ...heldOut].sort((a, b) => a - b);
        expect(both).toEqual([...all.keys()].filter((row) => all[row] >= 0));
        for (const code of new Set(all)) {
          if (code < 0) continue;
          const size = all.filter((own) => own === code).length;
          expect(countOf(training, all, code)).toBeGreaterThan(0);
          const held = countOf(heldOut, all, code);
          expect(held).toBe(size === 1 ? 0 : Math.min(size - 1, Math.ceil(size * share)));
        }
      }),
    );
  });

  it('depends on the seed alone', () => {
    const all = Int32Array.from({ length: 100 }, (_, row) => row % 3);
    const split = (seed: number) => [...splitByClass(all, { share: 0.2, seed }).heldOut];
    expect(split(3)).toEqual(split(3));
    expect(split(3)).not.toEqual(split(4));
  });
});

describe('shownCells', () => {
  const all = Int32Array.from({ length: 1100 }, (_, row) => (row < 1000 ? 0 : 1));
  const rows = Int32Array.from(all.keys());
  const shown = (balance: number, epoch = 1) => shownCells(rows, all, { balance, seed: 0, epoch });

  it('shows cells as they are without balance', () => {
    expect(shown(0)).toEqual(rows);
  });

  it('shows classes in proportion to a power of their cells', () => {
    const half = shown(0.5);
    const ratio = countOf(half, all, 0) / countOf(half, all, 1);
    expect(ratio).toBeCloseTo(Math.sqrt(10), 1);
    expect(Math.abs(half.length - rows.length)).toBeLessThanOrEqual(2);
    const even = shown(1);
    expect(countOf(even, all, 0)).toBe(countOf(even, all, 1));
  });

  it('repeats no cell more than ten times', () => {
    const few = Int32Array.from({ length: 501 }, (_, row) => (row < 500 ? 0 : 1));
    const seen = shownCells(Int32Array.from(few.keys()), few, { balance: 1, seed: 0, epoch: 1 });
    expect(countOf(seen, few, 1)).toBe(10);
  });

  it('draws other cells of a frequent class in each epoch', () => {
    expect([...shown(0.5, 1)]).not.toEqual([...shown(0.5, 2)]);
    expect([...shown(0.5, 1)]).toEqual([...shown(0.5, 1)]);
  });
});
