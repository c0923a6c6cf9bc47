/** @file Hiding values from the model, for it to predict. */

import { UsageError } from '../../support/errors.ts';
import type { CellDraws } from './draws.ts';

/** How one row's values are hidden. */
export interface Masking {
  /** The share of tokens to hide. */
  readonly ratio: number;
  /** What hidden values become: -1 in the published models. */
  readonly value: number;
  /** Positions that hold this value are padding and never hidden. */
  readonly padValue: number;
  /** How many leading positions are never hidden: 1 spares `<cls>`. */
  readonly protectFirst: number;
}

/**
 * Hides exactly floor(n * ratio) of a row's n tokens (fine-tuning). With `protectFirst` 0 this is the release's
 * rule, in which `<cls>` may be hidden as well, if its value is not the one of padding.
 *
 * @returns a masked copy
 * @throws UsageError when the ratio is not within 0 .. 1
 */
export function maskExactly(values: Float32Array, masking: Masking, draws: CellDraws): Float32Array {
  const { ratio, value } = masking;
  if (!(ratio >= 0 && ratio <= 1)) refuseRatio(ratio, 'a share from 0 to 1');
  const positions = maskable(values, masking);
  const chosen = draws.choose(positions.length, Math.floor(positions.length * ratio));
  const masked = values.slice();
  for (let i = 0; i < chosen.length; i++) masked[positions[chosen[i]]] = value;
  return masked;
}

/**
 * Hides each token with the same probability (pretraining and the release's collator).
 *
 * @returns a masked copy
 * @throws UsageError when the ratio is not between 0 and 1
 */
export function maskByChance(values: Float32Array, masking: Masking, draws: CellDraws): Float32Array {
  const { ratio, value } = masking;
  if (!(ratio > 0 && ratio < 1)) refuseRatio(ratio, 'a probability between 0 and 1');
  const masked = values.slice();
  for (const position of maskable(values, masking)) {
    if (draws.chance(ratio, position)) masked[position] = value;
  }
  return masked;
}

function maskable(values: Float32Array, { padValue, protectFirst }: Masking): number[] {
  const positions: number[] = [];
  for (let i = protectFirst; i < values.length; i++) if (values[i] !== padValue) positions.push(i);
  return positions;
}

function refuseRatio(ratio: number, expected: string): never {
  throw new UsageError({
    what: `the mask ratio is ${ratio}`,
    where: 'mask ratio',
    expected,
    reason: 'mask_ratio',
  });
}
