/** @file The choices left to chance in turning a cell into tokens, keyed by the cell's content. */

import { type KeyPart, type Random, randomStream } from '../../support/random.ts';

/** Where the choices for one cell come from: a seed in use, recorded draws in tests. */
export interface CellDraws {
  /** Uniform over [0, 1): which of the bins that share a value. */
  uniform(): number;
  /** `count` distinct positions out of 0 .. population - 1: the tokens of a cell that is too long. */
  choose(population: number, count: number): ArrayLike<number>;
  /** All of 0 .. length - 1 in random order: which genes are known, which are to be generated. */
  permutation(length: number): ArrayLike<number>;
  /** True with the given probability: whether the token at this position of the row is masked. */
  chance(probability: number, position: number): boolean;
}

/**
 * Draws that depend on the seed and the key alone, so that a cell's tokens are the same in any file, batch, order
 * and thread. Chosen positions come in ascending order. Every kind of choice has its own stream: how many
 * of one kind are made changes no other.
 *
 * @param key the cell's {@link cellKey}, and what else tells this round of draws from others, such as an epoch
 */
export function keyedDraws(seed: number, ...key: KeyPart[]): CellDraws {
  const streams = new Map<string, Random>();
  const stream = (purpose: string): Random => {
    let found = streams.get(purpose);
    if (found === undefined) {
      found = randomStream(seed, purpose, ...key);
      streams.set(purpose, found);
    }
    return found;
  };
  return {
    uniform: () => stream('binning').uniform(),
    choose: (population, count) => stream('sampling').sample(population, count),
    permutation: (length) => stream('splitting').shuffle(Int32Array.from({ length }, (_, i) => i)),
    chance: (probability) => stream('masking').uniform() < probability,
  };
}
