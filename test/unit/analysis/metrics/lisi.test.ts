/** @file LISI against scib-metrics cell by cell, its limits, and groupings it refuses. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cLisi, iLisi, lisi } from '../../../../src/analysis/metrics/lisi.ts';
import { median } from '../../../../src/analysis/metrics/median.ts';
import { nearestNeighbours } from '../../../../src/analysis/neighbours.ts';
import { batches, edgeCase, embedding, kinds, labels, metrics, results, storedNeighbours } from './stored.ts';

describe.each(kinds)('on the %s embedding', (kind) => {
  it.each([
    ['batch', batches],
    ['label', labels],
  ] as const)('lisi of the %s equals scib-metrics cell by cell', (name, grouping) => {
    const expected = metrics.f64(`${kind}/lisi_${name}`);
    lisi(storedNeighbours(kind, 89), grouping).forEach((value, cell) => {
      expect(Math.abs(value - expected[cell])).toBeLessThan(1e-6);
    });
  });

  it('iLisi and cLisi equal scib-metrics, from own neighbours too', async () => {
    const own = await nearestNeighbours(embedding(kind), 89);
    for (const neighbours of [storedNeighbours(kind, 89), own]) {
      expect(iLisi(neighbours, batches)).toBeCloseTo(results[kind].iLISI, 6);
      expect(cLisi(neighbours, labels)).toBeCloseTo(results[kind].cLISI, 6);
    }
  });

  it('medians equal the unscaled scores', () => {
    const neighbours = storedNeighbours(kind, 89);
    expect(median(lisi(neighbours, batches))).toBeCloseTo(results[kind].iLISI_unscaled, 6);
    expect(median(lisi(neighbours, labels))).toBeCloseTo(results[kind].cLISI_unscaled, 6);
  });
});

describe('at the limits', () => {
  const one = { name: 'one', codes: new Int32Array(400), groups: ['a'] };

  it('one batch or one label gives NaN', () => {
    expect(edgeCase('iLISI with one batch')).toBe('NaN');
    expect(iLisi(storedNeighbours('mixed', 89), one)).toBeNaN();
    expect(cLisi(storedNeighbours('mixed', 89), one)).toBeNaN();
  });

  it('lies between 1 and the number of groups, also where cells coincide or lie far apart', async () => {
    const coordinate = fc.constantFrom(0, 1, 2, 1e6, -1e6, 1e-9);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(coordinate, fc.nat(2)), { minLength: 2, maxLength: 40 }),
        async (cells) => {
          const points = {
            values: Float64Array.from(cells, ([place]) => place),
            count: cells.length,
            dimensions: 1,
          };
          const codes = Int32Array.from(cells, ([, code]) => code);
          const neighbours = await nearestNeighbours(points, Math.min(9, cells.length - 1));
          for (const value of lisi(neighbours, { name: 'x', codes, groups: ['a', 'b', 'c'] })) {
            expect(value).toBeGreaterThanOrEqual(1 - 1e-12);
            expect(value).toBeLessThanOrEqual(3 + 1e-12);
          }
        },
      ),
    );
  });

  it('refuses cells without a group', () => {
    const some = { ...batches, codes: batches.codes.with(3, -1) };
    expect(() => lisi(storedNeighbours('mixed', 89), some)).toThrow(
      expect.objectContaining({ reason: 'missing_group' }),
    );
  });
});

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
    [[], Number.NaN],
  ])('of %o is %f', (values, expected) => {
    expect(median(Float64Array.from(values))).toBe(expected);
  });
});
