/** @file Pooled experts: probabilities by hand, weights that follow the better expert, and calibration. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibration } from '../../../../src/analysis/metrics/calibration.ts';
import { fitPool, pool } from '../../../../src/analysis/stacking/log-linear-pool.ts';
import { randomStream } from '../../../../src/support/random.ts';

/** Cells of three classes, and scores that are `strength` higher at the true class, on noise. */
function examples(cells: number, strengths: readonly number[], seed: number) {
  const random = randomStream(seed, 'pool');
  const labels = Int32Array.from({ length: cells }, () => random.integer(3));
  const scores = strengths.map((strength) =>
    Float64Array.from({ length: 3 * cells }, (_, i) => {
      const isTrue = labels[Math.floor(i / 3)] === i % 3;
      return random.normal() + (isTrue ? strength : 0);
    }),
  );
  return { scores, labels, classCount: 3 };
}

describe('pool', () => {
  it('is the softmax of the weighted sum of scores', () => {
    const [a, b] = [Float64Array.of(1, 2), Float64Array.of(0.5, -1)];
    const [first, second] = pool([a, b], [2, 3], 2).map(Math.exp);
    const sums = [2 * 1 + 3 * 0.5, 2 * 2 + 3 * -1].map(Math.exp);
    expect(first).toBeCloseTo(sums[0] / (sums[0] + sums[1]), 12);
    expect(first + second).toBeCloseTo(1, 12);
  });

  it('gives distributions, whatever scores and weights', () => {
    const scores = fc.array(fc.double({ min: -500, max: 500, noNaN: true }), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 30, noNaN: true }), (values, weight) => {
        const pooled = pool([Float64Array.from(values)], [weight], 4);
        for (let cell = 0; cell < 3; cell++) {
          const sum = pooled.subarray(4 * cell, 4 * cell + 4).reduce((total, p) => total + Math.exp(p), 0);
          expect(sum).toBeCloseTo(1, 9);
        }
      }),
    );
  });
});

describe('fitPool', () => {
  it('gives the expert that knows more the higher weight', async () => {
    const weights = await fitPool(examples(2000, [3, 0.2], 1), { weights: [1, 1], strength: 1 });
    expect(weights[0]).toBeGreaterThan(4 * weights[1]);
  });

  it('finds weights that calibrate: of unit normal noise, a score counts as often as it is higher', async () => {
    const sample = examples(5000, [2], 2);
    const weights = await fitPool(sample, { weights: [5], strength: 1 });
    expect(weights[0]).toBeCloseTo(2, 0); // the log likelihood ratio of normals that are 2 apart has slope 2
    const probabilities = pool(sample.scores, weights, 3).map(Math.exp);
    expect(calibration(sample.labels, probabilities, 3).expectedError).toBeLessThan(0.02);
  });

  it('stays at the prior without examples, and near it with few', async () => {
    const prior = { weights: [0.5, 20], strength: 20 };
    const none = {
      scores: [new Float64Array(0), new Float64Array(0)],
      labels: new Int32Array(0),
      classCount: 3,
    };
    expect([...(await fitPool(none, prior))]).toEqual([0.5, 20].map((weight) => expect.closeTo(weight, 9)));
    const few = await fitPool(examples(5, [0, 0], 3), { weights: [1, 1], strength: 1000 });
    for (const weight of few) expect(weight).toBeCloseTo(1, 1);
  });

  it('reaches a lower loss than weights nearby', async () => {
    const sample = examples(300, [1, 2], 4);
    const prior = { weights: [1, 1], strength: 2 };
    const best = await fitPool(sample, prior);
    const loss = (weights: Float64Array) => {
      const pooled = pool(sample.scores, weights, 3);
      const fit = sample.labels.reduce((sum, label, cell) => sum - pooled[3 * cell + label], 0);
      return weights.reduce((sum, weight, i) => sum + Math.log(weight / prior.weights[i]) ** 2, fit);
    };
    for (const factor of [0.9, 1.1]) {
      for (const expert of [0, 1]) {
        const other = best.slice();
        other[expert] *= factor;
        expect(loss(other)).toBeGreaterThan(loss(best));
      }
    }
  });
});
