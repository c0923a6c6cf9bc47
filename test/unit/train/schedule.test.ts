/** @file Learning rates against torch's schedulers and the reference's cosine. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/model/checkpoint/byte-source.ts';
import { openCheckpoint } from '../../../src/model/checkpoint/open.ts';
import { learningRateAt, type Schedule } from '../../../src/train/schedule.ts';

const path = new URL('../../fixtures/model/lr-schedules/tensors.safetensors', import.meta.url);
const fixture = await (await openCheckpoint(bytesSource(readFileSync(path), 'lr-schedules'))).read();

/** Schedule, steps in an epoch, steps in all, and the steps of the fixture that lie in the run. */
const cases: Record<string, [Schedule, number, number, number]> = {
  'step_gamma0.9_epochs': [{ kind: 'step', rate: 1e-4, gamma: 0.9, epochs: 1 }, 1, 30, 30],
  'step_gamma0.95_epochs': [{ kind: 'step', rate: 1e-3, gamma: 0.95, epochs: 1 }, 1, 25, 25],
  'step_100_gamma0.99_iterations': [{ kind: 'step', rate: 1e-3, gamma: 0.99, epochs: 100 }, 1, 1000, 1000],
  cosine_warmup10_total100: [{ kind: 'cosine', rate: 1e-4, warmUpSteps: 10 }, 1, 100, 101],
  cosine_warmup0_total20: [{ kind: 'cosine', rate: 1e-3, warmUpSteps: 0 }, 1, 20, 21],
  cosine_warmup_longer_than_total: [{ kind: 'cosine', rate: 1e-3, warmUpSteps: 30 }, 1, 20, 21],
};

describe.each(Object.entries(cases))('%s', (name, [schedule, stepsPerEpoch, totalSteps, compared]) => {
  it('is the reference’s', () => {
    const expected = fixture.get(`out/${name}`)?.data as Float64Array;
    for (let step = 0; step < compared; step++) {
      const rate = learningRateAt(schedule, step, stepsPerEpoch, totalSteps);
      expect(Math.abs(rate - expected[step]), `step ${step}`).toBeLessThanOrEqual(
        1e-12 * Math.abs(expected[step]) + 1e-20,
      );
    }
  });
});

describe('learningRateAt', () => {
  const rate = 1e-3;

  it('stays at the floor past the end, where the reference’s cosine rises again', () => {
    const cosine: Schedule = { kind: 'cosine', rate, warmUpSteps: 10, floor: 1e-5 };
    expect(learningRateAt(cosine, 10, 1, 100)).toBe(rate);
    for (const step of [100, 110, 1000]) expect(learningRateAt(cosine, step, 1, 100)).toBeCloseTo(1e-5, 18);
    expect(learningRateAt(cosine, 55, 1, 100)).toBeCloseTo((rate + 1e-5) / 2, 15);
  });

  it('keeps a constant rate', () => {
    for (const step of [0, 5, 500])
      expect(learningRateAt({ kind: 'constant', rate }, step, 7, 50)).toBe(rate);
  });

  it('falls in a straight line to 0, after warm-up where asked for', () => {
    const linear: Schedule = { kind: 'linear', rate };
    expect([0, 5, 10, 20].map((step) => learningRateAt(linear, step, 1, 10))).toEqual([rate, rate / 2, 0, 0]);
    const warmed: Schedule = { kind: 'linear', rate, warmUpSteps: 4 };
    expect([0, 2, 4, 7, 10].map((step) => learningRateAt(warmed, step, 1, 10))).toEqual([
      0,
      rate / 2,
      rate,
      rate / 2,
      0,
    ]);
  });

  it('changes by epoch, whatever the steps in one', () => {
    const step: Schedule = { kind: 'step', rate, gamma: 0.5, epochs: 2 };
    const rates = [0, 13, 14, 27, 28].map((at) => learningRateAt(step, at, 7, 70));
    expect(rates).toEqual([rate, rate, rate / 2, rate / 2, rate / 4]);
  });
});
