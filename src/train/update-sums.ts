/** @file What went into one update: as many batches as are accumulated, told in the log as one. */

import { addLosses, type EpochSums, meansOf } from './epoch-sums.ts';
import type { StepResult } from './trainer.ts';

/** Sums over the batches of one update. */
export class UpdateSums {
  private readonly losses: EpochSums = {};
  private batches = 0;
  private cells = 0;
  private tokens = 0;

  /** @param batch its size, and what its losses count for */
  add(
    losses: StepResult,
    batch: { readonly weight: number; readonly cells: number; readonly tokens: number },
  ): void {
    addLosses(this.losses, losses, batch.weight);
    this.batches++;
    this.cells += batch.cells;
    this.tokens += batch.tokens;
  }

  /**
   * The record of the update.
   *
   * @param summedNorm of the gradients of all its batches added up
   */
  values(summedNorm: number, learningRate: number): Record<string, number> {
    const { losses, batches, cells, tokens } = this;
    return { ...meansOf(losses), gradientNorm: summedNorm / batches, learningRate, cells, tokens };
  }
}
