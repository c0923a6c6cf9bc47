/** @file Learning-rate schedules: the rate of each optimiser step. */

/** How the learning rate changes over a run, from a base `rate`. */
export type Schedule = { readonly rate: number } & (
  | { readonly kind: 'constant' }
  /** Falls in a straight line to 0 at the run's end. */
  | { readonly kind: 'linear'; readonly warmUpSteps?: number }
  /** Multiplied by `gamma` after every `epochs` epochs; the published fine-tuning recipes have 0.9 and 1. */
  | { readonly kind: 'step'; readonly gamma: number; readonly epochs: number }
  /**
   * Falls along half a cosine to `floor`, a rate, default 0, at the run's end, as in pre-training (10,000 steps of
   * warm-up).
   */
  | { readonly kind: 'cosine'; readonly warmUpSteps: number; readonly floor?: number }
);

/**
 * The learning rate of a step. Warm-up rises in a straight line from 0 at the first step, as in the reference. Past the
 * run's end, rates stay at what they fell to; the reference's cosine rises again.
 *
 * @param step optimiser steps done before, from 0
 * @param stepsPerEpoch read by `step` alone
 * @param totalSteps of the run, read by `linear` and `cosine`
 */
export function learningRateAt(
  schedule: Schedule,
  step: number,
  stepsPerEpoch: number,
  totalSteps: number,
): number {
  const { rate } = schedule;
  switch (schedule.kind) {
    case 'constant':
      return rate;
    case 'step':
      return rate * schedule.gamma ** Math.floor(step / stepsPerEpoch / schedule.epochs);
    case 'linear': {
      const { warmUpSteps = 0 } = schedule;
      if (step < warmUpSteps) return (rate * step) / warmUpSteps;
      return rate * (1 - progress(step, warmUpSteps, totalSteps));
    }
    case 'cosine': {
      const { warmUpSteps, floor = 0 } = schedule;
      if (step < warmUpSteps) return (rate * step) / warmUpSteps;
      return floor + (rate - floor) * 0.5 * (1 + Math.cos(Math.PI * progress(step, warmUpSteps, totalSteps)));
    }
  }
}

/** The share of the steps after warm-up that is done, at most 1. */
function progress(step: number, warmUpSteps: number, totalSteps: number): number {
  return Math.min(1, (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps));
}
