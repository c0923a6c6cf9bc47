/** @file The work that a training step cannot do without: that of a batch's real tokens, without its padding. */

import type { ModelConfig } from '../../src/model/config.ts';
import { trainingFlops } from '../../src/model/training-cost.ts';
import type { NamedTensors } from '../../src/runtime/executable.ts';
import type { Tensor } from '../../src/support/tensor.ts';

/** Floating-point operations of a step on a batch, each cell with its own length. */
export function stepFlops(config: ModelConfig, batch: NamedTensors): number {
  const generative = batch.knownKeep !== undefined;
  const known = realTokens(generative ? batch.knownKeep : batch.keep);
  const unknown = generative ? realTokens(batch.scored) : known.map(() => 0);
  return known.reduce(
    (sum, count, cell) => sum + trainingFlops(config, { cells: 1, known: count, unknown: unknown[cell] }),
    0,
  );
}

/** Real tokens of each cell. */
function realTokens({ shape: [cells, tokens], data }: Tensor): number[] {
  const mask = data as Uint8Array;
  return Array.from({ length: cells }, (_, cell) =>
    mask.subarray(cell * tokens, (cell + 1) * tokens).reduce((sum, one) => sum + one, 0),
  );
}
