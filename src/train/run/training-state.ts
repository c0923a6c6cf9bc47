/** @file Everything that a training run needs to go on as if it had never stopped. */

import type { StateDict } from '../../support/tensor.ts';

/** Parameters, optimiser moments and counters at one moment between two optimiser steps. */
export interface TrainingState {
  /** Every parameter of the model, frozen ones too. */
  readonly parameters: StateDict;
  /** Adam's running mean of the gradient, by the name of its parameter; frozen parameters have none. */
  readonly firstMoments: StateDict;
  /** Adam's running mean of the squared gradient, by the name of its parameter. */
  readonly secondMoments: StateDict;
  readonly progress: TrainingProgress;
}

/** How far a run has come. Data order, masks and dropout follow from these counters and the seed. */
export interface TrainingProgress {
  /** Optimiser steps done. */
  readonly step: number;
  /** The epoch in work, from 1. */
  readonly epoch: number;
  /** Batches of that epoch done. */
  readonly batch: number;
  /** The lowest validation loss so far; null before the first validation. */
  readonly bestLoss: number | null;
  /** The step that gave it. */
  readonly bestStep: number | null;
  readonly epochsWithoutImprovement: number;
  /** Time trained so far, over all the times the run was resumed. */
  readonly elapsedSeconds: number;
  /** Sums over the running epoch, so that its means are the same after a resume. */
  readonly epochSums: Readonly<Record<string, number>>;
}
