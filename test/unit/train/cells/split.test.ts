import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../../../src/support/errors.ts';
import { splitCells } from '../../../../src/train/cells/split.ts';

const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });
const all = (count: number) => Array.from({ length: count }, (_, cell) => cell);

describe('splitCells', () => {
  it('gives each cell to one side, as many as asked, both ascending', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 500 }), share, fc.integer(), (count, share, seed) => {
        const { train, validation } = splitCells(count, { share, seed });
        expect(validation.length).toBe(Math.round(count * share));
        expect([...train, ...validation].sort((a, b) => a - b)).toEqual(all(count));
        for (const side of [train, validation]) expect([...side]).toEqual([...side].sort((a, b) => a - b));
        expect(splitCells(count, { share, seed })).toEqual({ train, validation });
      }),
    );
    const of = (seed: number) => splitCells(100, { share: 0.2, seed });
    expect(of(1)).not.toEqual(of(2));
  });

  it('never splits a group and comes as near as a group allows', () => {
    const groups = fc
      .array(fc.integer({ min: -1, max: 6 }), { minLength: 2, maxLength: 200 })
      .filter((some) => new Set(some).size > 1);
    fc.assert(
      fc.property(groups, share, fc.integer(), (groups, share, seed) => {
        const { train, validation } = splitCells(groups.length, { share, seed, groups });
        expect([...train, ...validation].sort((a, b) => a - b)).toEqual(all(groups.length));
        const held = new Set(Array.from(validation, (cell) => groups[cell]));
        const trained = new Set(Array.from(train, (cell) => groups[cell]));
        expect([...held].filter((group) => trained.has(group))).toEqual([]);
        expect(Math.min(held.size, trained.size)).toBeGreaterThan(0);
        const largest = Math.max(
          ...[...new Set(groups)].map((group) => groups.filter((g) => g === group).length),
        );
        expect(Math.abs(validation.length - share * groups.length)).toBeLessThanOrEqual(largest);
        expect(splitCells(groups.length, { share, seed, groups })).toEqual({ train, validation });
      }),
    );
  });

  it('chooses the same groups whatever the order of cells, and other ones from another seed', () => {
    const groups = Array.from({ length: 100 }, (_, cell) => cell % 10);
    const held = (some: number[], seed: number) => {
      const { validation } = splitCells(some.length, { share: 0.3, seed, groups: some });
      return [...new Set(Array.from(validation, (cell) => some[cell]))].sort();
    };
    expect(held(groups.toReversed(), 4)).toEqual(held(groups, 4));
    expect(held(groups, 4).length).toBe(3);
    expect(new Set(all(20).map((seed) => held(groups, seed).join())).size).toBeGreaterThan(10);
  });

  it('holds out the smallest group when each is too large', () => {
    const groups = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2];
    expect([...splitCells(12, { share: 0.1, seed: 3, groups }).validation]).toEqual([9, 10, 11]);
  });

  it('refuses to leave a side empty', () => {
    expect(() => splitCells(1, { share: 0.5, seed: 1 })).toThrow(InputError);
    expect(() => splitCells(4, { share: 0.1, seed: 1 })).toThrow('0.1 of 4 cells leaves none to hold out');
    expect(() => splitCells(4, { share: 0.9, seed: 1 })).toThrow('none to train on');
    expect(() => splitCells(3, { share: 0.5, seed: 1, groups: [2, 2, 2] })).toThrow(InputError);
  });

  it('refuses shares that are none and groups of other cells', () => {
    for (const share of [0, 1, -0.1, 1.1, Number.NaN]) {
      expect(() => splitCells(10, { share, seed: 1 })).toThrow(UsageError);
    }
    expect(() => splitCells(10, { share: 0.5, seed: 1, groups: [1, 2] })).toThrow(UsageError);
  });
});
