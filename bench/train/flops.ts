/** @file The work that a training step cannot do without: matrix products and attention of the layers over real tokens. */

import type { ModelConfig } from '../../src/model/config.ts';
import type { NamedTensors } from '../../src/runtime/executable.ts';
import type { Tensor } from '../../src/support/tensor.ts';

/** The backward pass has two products for each one of the forward pass. */
const passes = 3;

/** Floating-point operations of a step on a batch; a multiplication and an addition are two. */
export function stepFlops(config: ModelConfig, batch: NamedTensors): number {
  const generative = batch.knownKeep !== undefined;
  const known = realTokens(generative ? batch.knownKeep : batch.keep);
  const unknown = generative ? realTokens(batch.scored) : known.map(() => 0);
  const forward = known.reduce((sum, count, cell) => sum + cellFlops(config, count, unknown[cell]), 0);
  return passes * forward;
}

/** Known rows attend to known rows; unknown rows to these and themselves, without an output projection. */
function cellFlops({ embeddingSize: d, hiddenSize, layers }: ModelConfig, known: number, unknown: number) {
  const projection = 2 * d * d;
  const feedForward = 4 * d * hiddenSize;
  const rows = known * (4 * projection + feedForward) + unknown * (3 * projection + feedForward);
  const scores = known * known + unknown * (known + 1);
  return layers * (rows + 4 * scores * d);
}

/** Real tokens of each cell. */
function realTokens({ shape: [cells, tokens], data }: Tensor): number[] {
  const mask = data as Uint8Array;
  return Array.from({ length: cells }, (_, cell) =>
    mask.subarray(cell * tokens, (cell + 1) * tokens).reduce((sum, one) => sum + one, 0),
  );
}
