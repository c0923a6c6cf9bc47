/** @file Thresholds keep the share of right answers that was asked for, and say what they do to wrong ones. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rejectionThreshold } from '../../../src/analysis/rejection-threshold.ts';

describe('rejectionThreshold', () => {
  it('is the quantile of right answers, whatever the wrong ones are', () => {
    const right = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
    const wrong = [0.001, 0.02, 0.5];
    const found = rejectionThreshold({
      confidence: [...right, ...wrong],
      correct: [...right.map(() => 1), ...wrong.map(() => 0)],
    });
    expect(found).toEqual({ threshold: 0.06, keptRight: 0.95, rejectedWrong: 2 / 3 });
  });

  it('rejects nothing where too few answers are right to tell', () => {
    const found = rejectionThreshold({ confidence: new Array(19).fill(0.9), correct: new Array(19).fill(1) });
    expect(found).toEqual({ threshold: Number.NEGATIVE_INFINITY, keptRight: 1, rejectedWrong: 0 });
  });

  it('keeps at least the share asked for, and is the highest that does, ties and all', () => {
    const cells = fc.array(
      fc.record({ confidence: fc.integer({ min: 0, max: 30 }), correct: fc.boolean() }),
      {
        minLength: 60,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(cells, fc.double({ min: 0.5, max: 1, noNaN: true }), (drawn, keep) => {
        const correct = drawn.map((cell) => Number(cell.correct));
        const right = drawn.filter((cell) => cell.correct).map(({ confidence }) => confidence);
        if (right.length < 20) return;
        const { threshold, keptRight } = rejectionThreshold(
          { confidence: drawn.map(({ confidence }) => confidence), correct },
          keep,
        );
        expect(keptRight).toBeGreaterThanOrEqual(keep - 1e-12);
        const next = right.filter((value) => value > threshold);
        expect(next.length / right.length).toBeLessThanOrEqual(keep + 1 / right.length);
      }),
    );
  });

  it('says nothing of wrong answers where there are none', () => {
    const found = rejectionThreshold({ confidence: new Array(40).fill(1), correct: new Array(40).fill(1) });
    expect(found).toEqual({ threshold: 1, keptRight: 1, rejectedWrong: Number.NaN });
  });
});
