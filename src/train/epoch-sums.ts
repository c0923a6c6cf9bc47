/** @file Means of losses over the batches of an epoch, each weighted by what it scored. */

import type { BatchLosses } from './trainer.ts';

/** Sums that means are made of; plain numbers, so that they can be saved and taken up again. */
export type EpochSums = Record<string, number>;

const weightName = 'weight';

/** Adds the losses of a batch. */
export function addLosses(sums: EpochSums, { total, parts }: BatchLosses, weight: number): void {
  sums[weightName] = (sums[weightName] ?? 0) + weight;
  for (const [name, loss] of Object.entries({ loss: total, ...parts })) {
    sums[name] = (sums[name] ?? 0) + weight * loss;
  }
}

/** The mean of each loss; `loss` is what is minimised. */
export function meansOf(sums: EpochSums): Record<string, number> {
  const { [weightName]: weight, ...losses } = sums;
  return Object.fromEntries(Object.entries(losses).map(([name, sum]) => [name, sum / weight]));
}
