/** @file Which epoch of a fine-tuning was kept, and why. */

import type { EpochRecord, TrainingOutcome } from '../../train/loop.ts';

/** The epoch whose cell embedding has the best label-free score; scores are null where batches are too small for one. */
export interface KeptEpoch {
  /** Epochs that were done. */
  readonly epochs: number;
  /** 0 where the model as it was is best. */
  readonly keptEpoch: number;
  readonly steps: number;
  /** Whether training ended before its last epoch because none got better. */
  readonly stoppedEarly: boolean;
  readonly labelFreeScore: number | null;
  readonly labelFreeBefore: number | null;
  readonly labelFreeAtEnd: number | null;
}

/** Reads it from the looks that training took. */
export function keptEpochOf({ history, bestStep, steps, stopped }: TrainingOutcome): KeptEpoch {
  const kept = history.find(({ step }) => step === bestStep);
  return {
    epochs: history.length - 1,
    keptEpoch: kept?.epoch ?? 0,
    steps,
    stoppedEarly: stopped === 'no improvement',
    labelFreeScore: scoreOf(kept),
    labelFreeBefore: scoreOf(history[0]),
    labelFreeAtEnd: scoreOf(history.at(-1)),
  };
}

function scoreOf(look: EpochRecord | undefined): number | null {
  const criterion = look?.validation.criterion;
  return criterion === undefined ? null : 1 - criterion;
}

/** The same in a sentence. */
export function keptEpochText(kept: KeptEpoch): string {
  const { epochs, keptEpoch, labelFreeScore, labelFreeBefore, labelFreeAtEnd, stoppedEarly } = kept;
  const stopped = stoppedEarly ? ', where training stopped because none got better' : '';
  const which = keptEpoch === 0 ? 'the model as it was kept' : `epoch ${keptEpoch} of ${epochs} kept`;
  if (labelFreeScore === null) {
    return `${which}, which has the least loss on held-out cells${stopped}: batches are too small for a label-free score`;
  }
  const scores = [
    `${shown(labelFreeBefore)} before training`,
    ...(keptEpoch === 0 || keptEpoch === epochs ? [] : [`${shown(labelFreeScore)} in it`]),
    `${shown(labelFreeAtEnd)} after the last epoch${stopped}`,
  ];
  return `${which}, the best by the label-free score of the cell embedding: ${scores.join(', ')}`;
}

function shown(score: number | null): string {
  return score === null ? 'unknown' : score.toFixed(3);
}
