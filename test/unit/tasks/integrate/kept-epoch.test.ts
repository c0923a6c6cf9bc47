import { describe, expect, it } from 'vitest';
import { keptEpochOf, keptEpochText } from '../../../../src/tasks/integrate/kept-epoch.ts';
import type { TrainingOutcome } from '../../../../src/train/loop.ts';

function outcome(
  criteria: readonly number[],
  bestStep: number,
  stopped: TrainingOutcome['stopped'],
): TrainingOutcome {
  const history = criteria.map((criterion, epoch) => ({
    epoch,
    step: 10 * epoch,
    training: null,
    validation: Number.isNaN(criterion) ? { loss: 1 } : { loss: 1, criterion },
  }));
  const steps = 10 * (criteria.length - 1);
  return { best: new Map(), bestLoss: 0, bestStep, history, stopped, steps, seconds: 1 };
}

describe('the epoch that is kept', () => {
  it('is told with its score, that before and that at the end', () => {
    const kept = keptEpochOf(outcome([0.6, 0.4, 0.5], 10, 'no improvement'));
    expect(kept).toEqual({
      epochs: 2,
      keptEpoch: 1,
      steps: 20,
      stoppedEarly: true,
      labelFreeScore: 0.6,
      labelFreeBefore: 0.4,
      labelFreeAtEnd: 0.5,
    });
    expect(keptEpochText(kept)).toBe(
      'epoch 1 of 2 kept, the best by the label-free score of the cell embedding: 0.400 before training, 0.600 in it, 0.500 after the last epoch, where training stopped because none got better',
    );
  });

  it('may be none', () => {
    const text = keptEpochText(keptEpochOf(outcome([0.3, 0.4], 0, 'all epochs done')));
    expect(text).toBe(
      'the model as it was kept, the best by the label-free score of the cell embedding: 0.700 before training, 0.600 after the last epoch',
    );
  });

  it('goes by the loss where batches are too small', () => {
    const kept = keptEpochOf(outcome([Number.NaN, Number.NaN], 10, 'all epochs done'));
    expect(kept.labelFreeScore).toBeNull();
    expect(keptEpochText(kept)).toMatch(
      /epoch 1 of 1 kept, which has the least loss on held-out cells: batches/,
    );
  });
});
