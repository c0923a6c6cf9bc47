import { describe, expect, it } from 'vitest';
import { centredByBatch } from '../../../../src/analysis/integration/corrected-expression.ts';
import {
  correctionScores,
  type DenseExpression,
} from '../../../../src/analysis/metrics/corrected-expression.ts';
import { randomStream } from '../../../../src/support/random.ts';

const cells = 400;
const genes = 6;
const batch = {
  name: 'batch',
  codes: Int32Array.from({ length: cells }, (_, i) => i % 2),
  groups: ['a', 'b'],
};
const kinds = {
  name: 'kind',
  codes: Int32Array.from({ length: cells }, (_, i) => Math.floor(i / 2) % 2),
  groups: ['T', 'B'],
};

/** Noise of variance 1/12, kinds 2 apart and batches as told. */
function expression(ofBatch: number): DenseExpression {
  const random = randomStream(1, 'noise');
  const values = Float32Array.from({ length: cells * genes }, (_, i) => {
    const cell = Math.floor(i / genes);
    return random.uniform() + 2 * kinds.codes[cell] + ofBatch * batch.codes[cell];
  });
  return { values, genes };
}

describe('scores of corrected expression', () => {
  const observed = expression(1);

  it('are those of the observed where nothing is corrected', () => {
    const { batchLeft, batchVariance, kindsKept, likeness } = correctionScores(
      observed,
      observed,
      batch,
      kinds,
    );
    expect(batchLeft).toBe(1);
    expect(kindsKept).toBe(1);
    expect(likeness).toBeCloseTo(1, 6);
    expect(batchVariance).toBeCloseTo(0.25 / (0.25 + 1 / 12), 1); // batches 1 apart: variance 1/4
  });

  it('find nothing left of batches where there is none, and kinds as they were', () => {
    const scores = correctionScores(expression(0), observed, batch, kinds);
    expect(scores.batchLeft).toBeLessThan(0.01);
    expect(scores.batchVariance).toBeLessThan(0.02);
    expect(scores.kindsKept).toBeCloseTo(1, 6);
    expect(scores.likeness).toBeCloseTo(1, 6);
  });

  it('see that halved values keep a quarter of both', () => {
    const halved = { values: observed.values.map((value) => value / 2), genes };
    const scores = correctionScores(halved, observed, batch, kinds);
    expect(scores.batchLeft).toBeCloseTo(0.25, 4);
    expect(scores.kindsKept).toBeCloseTo(0.25, 4);
    expect(scores.likeness).toBeCloseTo(1, 5);
  });

  it('leave out cells without a kind', () => {
    const codes = kinds.codes.map((code, cell) => (cell < 40 ? -1 : code));
    const scores = correctionScores(observed, observed, batch, { ...kinds, codes });
    expect(scores.batchLeft).toBe(1);
  });
});

describe('values centred by batch', () => {
  it('have the same mean in every batch, that of all cells', () => {
    const { values } = expression(3);
    const centred = centredByBatch(values, genes, batch);
    const mean = (of: Float32Array, code: number | null, gene: number): number => {
      const members = [...batch.codes.keys()].filter((cell) => code === null || batch.codes[cell] === code);
      return members.reduce((sum, cell) => sum + of[cell * genes + gene], 0) / members.length;
    };
    for (let gene = 0; gene < genes; gene++) {
      expect(mean(centred, 0, gene)).toBeCloseTo(mean(values, null, gene), 4);
      expect(mean(centred, 1, gene)).toBeCloseTo(mean(values, null, gene), 4);
    }
  });
});
