/** @file kBET against scib-metrics cell by cell, and the chi-square tail it takes p values from. */

import { describe, expect, it } from 'vitest';
import { chiSquareTail, upperGamma } from '../../../../src/analysis/metrics/incomplete-gamma.ts';
import { kBet } from '../../../../src/analysis/metrics/kbet.ts';
import { batches, edgeCase, kinds, metrics, results, storedNeighbours } from './stored.ts';

describe.each(kinds)('kBet on the %s embedding', (kind) => {
  it('equals scib-metrics cell by cell', () => {
    const found = kBet(storedNeighbours(kind, 49), batches);
    const statistics = metrics.f64(`${kind}/kbet_statistic`);
    const pValues = metrics.f64(`${kind}/kbet_pvalue`);
    found.statistics.forEach((statistic, cell) => {
      expect(Math.abs(statistic / statistics[cell] - 1)).toBeLessThan(1e-9);
      expect(Math.abs(found.pValues[cell] - pValues[cell])).toBeLessThan(1e-9 + 1e-7 * pValues[cell]);
    });
    expect(found.acceptance).toBe(results[kind].kBET_acceptance);
  });
});

describe('kBet at the limits', () => {
  it('has no test of a single batch, where scib-metrics gives 0', () => {
    const one = { name: 'one', codes: new Int32Array(400), groups: ['a'] };
    expect(edgeCase('kBET, one batch')).toBe(0);
    expect(kBet(storedNeighbours('mixed', 49), one).acceptance).toBeNaN();
  });

  it('leaves groups without a cell out', () => {
    const padded = { ...batches, groups: [...batches.groups, 'empty'] };
    expect(kBet(storedNeighbours('mixed', 49), padded)).toEqual(kBet(storedNeighbours('mixed', 49), batches));
  });

  it('refuses cells without a batch', () => {
    const some = { ...batches, codes: batches.codes.with(3, -1) };
    expect(() => kBet(storedNeighbours('mixed', 49), some)).toThrow(
      expect.objectContaining({ reason: 'missing_group' }),
    );
  });
});

describe('chiSquareTail', () => {
  it('is exp(-x / 2) for two degrees of freedom', () => {
    for (const x of [0, 1e-6, 0.5, 2, 5, 20, 100, 700]) {
      expect(Math.abs(chiSquareTail(x, 2) / Math.exp(-x / 2) - 1)).toBeLessThan(1e-12);
    }
  });

  it('follows from fewer degrees by the recurrence of the gamma function', () => {
    for (const freedom of [2, 4, 7, 20, 61]) {
      for (const x of [0.1, 1, 3, freedom, 3 * freedom]) {
        const a = freedom / 2;
        const term = Math.exp(a * Math.log(x / 2) - x / 2 - logFactorial(a));
        expect(chiSquareTail(x, freedom + 2)).toBeCloseTo(chiSquareTail(x, freedom) + term, 12);
      }
    }
  });

  it('is 0.05 at the critical values of tables', () => {
    for (const [freedom, value] of [
      [1, 3.8414588206941285],
      [5, 11.070497693516351],
      [30, 43.77297182574217],
      [100, 124.34211340400408],
    ]) {
      expect(chiSquareTail(value, freedom)).toBeCloseTo(0.05, 12);
    }
  });

  it('falls from 1 to 0', () => {
    expect(upperGamma(2.5, 0)).toBe(1);
    expect(chiSquareTail(1e5, 3)).toBe(0);
    expect(chiSquareTail(1, 0)).toBeNaN();
  });
});

/** ln Γ(a + 1) for whole and half numbers, by its recurrence. */
function logFactorial(a: number): number {
  let sum = 0;
  let n = a;
  for (; n > 1; n--) sum += Math.log(n);
  return sum + (n === 0.5 ? Math.log(Math.sqrt(Math.PI) / 2) : Math.log(n));
}
