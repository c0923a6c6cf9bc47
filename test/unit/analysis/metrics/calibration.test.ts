/** @file Calibration against scikit-learn and by hand, bins at their borders, and numbers that are no probabilities. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibration } from '../../../../src/analysis/metrics/calibration.ts';
import { golden } from '../../single-cell/golden.ts';

interface Results {
  readonly classes: number;
  readonly log_loss: number;
  readonly brier_multiclass_sum: number;
  readonly calibration: {
    readonly uniform_15: {
      readonly ece: number;
      readonly mce: number;
      /** Bin, cells, mean confidence, accuracy. */
      readonly bins: readonly (readonly [number, number, number, number])[];
    };
  };
}

const fixture = golden<{ readonly results: Record<string, Results> }>('classification-metrics');
const withProbabilities = Object.entries(fixture.about.results).filter(([name]) =>
  fixture.has(`${name}/prob`),
);

describe('calibration', () => {
  it.each(withProbabilities)(
    'equals the fixture: %s',
    (name, { classes, calibration: expected, ...losses }) => {
      const found = calibration(fixture.i32(`${name}/truth`), fixture.f64(`${name}/prob`), classes);
      expect(found.expectedError).toBeCloseTo(expected.uniform_15.ece, 10);
      expect(found.largestError).toBeCloseTo(expected.uniform_15.mce, 10);
      expect(found.negativeLogLikelihood).toBeCloseTo(losses.log_loss, 10);
      expect(found.brier).toBeCloseTo(losses.brier_multiclass_sum, 10);
      const filled = [...found.bins.entries()].filter(([, { cells }]) => cells > 0);
      expect(filled.map(([bin, { cells }]) => [bin, cells])).toEqual(
        expected.uniform_15.bins.map(([bin, cells]) => [bin, cells]),
      );
      filled.forEach(([, { confidence, accuracy }], place) => {
        expect(confidence).toBeCloseTo(expected.uniform_15.bins[place][2], 10);
        expect(accuracy).toBeCloseTo(expected.uniform_15.bins[place][3], 10);
      });
    },
  );

  it('is tested on five sets or more', () => {
    expect(withProbabilities.length).toBeGreaterThanOrEqual(5);
  });

  it('lists bins without cells, which count for nothing', () => {
    const { bins, expectedError } = calibration(Int32Array.of(0), Float64Array.of(1, 0), 2);
    expect(bins).toHaveLength(15);
    expect(bins[0]).toMatchObject({ start: 0, cells: 0, accuracy: Number.NaN });
    expect(bins[14]).toMatchObject({ end: 1, cells: 1, accuracy: 1, confidence: 1 });
    expect(expectedError).toBe(0);
  });

  it('counts a probability of 0 for the true class as the least float64 step', () => {
    const { negativeLogLikelihood } = calibration(Int32Array.of(1), Float64Array.of(1, 0), 2);
    expect(negativeLogLikelihood).toBeCloseTo(-Math.log(Number.EPSILON), 12);
  });

  it('stays within limits, and repeating all cells changes nothing', () => {
    const cell = fc.tuple(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 3, maxLength: 3 }),
      fc.nat(2),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 40 }), (cells) => {
        const truth = cells.map(([, own]) => own);
        const rows = cells.flatMap(([weights]) => {
          const sum = weights.reduce((total, weight) => total + weight, 0);
          return weights.map((weight) => weight / sum);
        });
        const once = calibration(Int32Array.from(truth), Float64Array.from(rows), 3);
        const twice = calibration(
          Int32Array.from([...truth, ...truth]),
          Float64Array.from([...rows, ...rows]),
          3,
        );
        expect(once.expectedError).toBeLessThanOrEqual(once.largestError + 1e-12);
        expect(once.brier).toBeLessThanOrEqual(2);
        expect(once.bins.reduce((sum, { cells: n }) => sum + n, 0)).toBe(truth.length);
        for (const score of ['expectedError', 'negativeLogLikelihood', 'brier'] as const) {
          expect(twice[score]).toBeCloseTo(once[score], 12);
        }
      }),
    );
  });

  it.each([
    ['no cells', [], []],
    ['too few numbers', [0, 1], [0.5, 0.5]],
    ['a class that is none', [2], [0.5, 0.5]],
    ['a cell without a class', [-1], [0.5, 0.5]],
    ['a sum that is not 1', [0], [0.5, 0.4]],
    ['negative numbers', [0], [1.5, -0.5]],
    ['NaN', [0], [Number.NaN, 1]],
  ])('refuses %s', (_, truth, probabilities) => {
    expect(() => calibration(Int32Array.from(truth), Float64Array.from(probabilities), 2)).toThrow(
      expect.objectContaining({ reason: 'probabilities' }),
    );
  });
});
