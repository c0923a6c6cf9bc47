/** @file Which epoch of a fine-tuning was kept, and why. */

import { plural } from '../../support/words.ts';
import type { TrainingOutcome } from '../../train/loop.ts';

/** The epoch whose cell embedding has the best label-free score. */
export interface KeptEpoch {
  /** Epochs that were done. */
  readonly epochs: number;
  /** 0 where the model as it was is best. */
  readonly keptEpoch: number;
  readonly steps: number;
  /** Whether training ended before its last epoch because none got better. */
  readonly stoppedEarly: boolean;
  readonly labelFreeScore: number;
  readonly labelFreeBefore: number;
  readonly labelFreeAtEnd: number;
}

/** Reads it from the looks that training took. */
export function keptEpochOf({ history, bestStep, bestLoss, steps, stopped }: TrainingOutcome): KeptEpoch {
  const scoreOf = (look: (typeof history)[number] | undefined): number =>
    1 - (look?.validation.criterion ?? Number.NaN);
  return {
    epochs: history.length - 1,
    keptEpoch: history.find(({ step }) => step === bestStep)?.epoch ?? 0,
    steps,
    stoppedEarly: stopped === 'no improvement',
    labelFreeScore: 1 - bestLoss,
    labelFreeBefore: scoreOf(history[0]),
    labelFreeAtEnd: scoreOf(history.at(-1)),
  };
}

/** The same in a sentence. */
export function keptEpochText(kept: KeptEpoch): string {
  const { epochs, keptEpoch, labelFreeScore, labelFreeBefore, labelFreeAtEnd, stoppedEarly } = kept;
  const scores = `label-free score of the cell embedding ${labelFreeBefore.toFixed(3)} before training`;
  const stopped = stoppedEarly ? ', where training stopped because none got better' : '';
  if (keptEpoch === 0) {
    return `no epoch of ${epochs} made it better, so the model as it was is kept: ${scores}, ${labelFreeAtEnd.toFixed(3)} after the last${stopped}`;
  }
  const end = keptEpoch === epochs ? '' : `, ${labelFreeAtEnd.toFixed(3)} after the last${stopped}`;
  return `epoch ${keptEpoch} of ${plural(epochs, 'epoch')} kept, the best by a score that looks at no label: ${scores}, ${labelFreeScore.toFixed(3)} in it${end}`;
}
