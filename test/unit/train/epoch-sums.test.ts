/** @file Means of losses over an epoch. */

import { expect, it } from 'vitest';
import { addLosses, type EpochSums, meansOf } from '../../../src/train/epoch-sums.ts';

it('weighs each batch by what it scored', () => {
  const sums: EpochSums = {};
  addLosses(sums, { total: 3, parts: { gep: 1, gepc: 2 } }, 10);
  addLosses(sums, { total: 7, parts: { gep: 4, gepc: 3 } }, 30);
  expect(meansOf(sums)).toEqual({ loss: 6, gep: 3.25, gepc: 2.75 });
});

it('goes on from sums that were saved as JSON, to the same bits', () => {
  const values = [0.1, 0.2, 1 / 3, 1e-9, 12345.678];
  const whole: EpochSums = {};
  let saved: EpochSums = {};
  for (const [i, total] of values.entries()) {
    addLosses(whole, { total, parts: {} }, i + 0.5);
    saved = JSON.parse(JSON.stringify(saved));
    addLosses(saved, { total, parts: {} }, i + 0.5);
  }
  expect(meansOf(saved)).toEqual(meansOf(whole));
});
