/** @file Which answer counts: measured before predicted, sums of measured parts, weights where they were learnt for it. */

import { describe, expect, it } from 'vitest';
import { finalChange } from '../../../../src/tasks/perturb/final-change.ts';

const row = (value: number): Float64Array => Float64Array.of(value, -value);
const unseen = { measured: null, sumIsAllThereIs: false };
const weights = new Map([
  ['scgpt', 0.25],
  ['mean', 0.75],
]);

describe('finalChange', () => {
  const changes = new Map([
    ['scgpt', row(1)],
    ['mean', row(2)],
    ['additive', row(5)],
  ]);

  it('is what was measured, where that was', () => {
    const found = finalChange(changes, weights, { ...unseen, measured: row(9) }, 'scgpt');
    expect(found).toEqual({ change: row(9), basis: 'measured' });
  });

  it('is the sum of measured parts where no combination was there to learn from', () => {
    const found = finalChange(changes, weights, { ...unseen, sumIsAllThereIs: true }, 'scgpt');
    expect(found).toEqual({ change: row(5), basis: 'sum of parts' });
  });

  it('is weighted where weights were learnt for such questions', () => {
    expect(finalChange(changes, weights, unseen, 'scgpt')).toEqual({ change: row(1.75), basis: 'weighted' });
  });

  it('is carried over from other contexts, or the model alone, where they were not', () => {
    const carried = new Map([
      ['scgpt', row(1)],
      ['similar-contexts', row(3)],
    ]);
    expect(finalChange(carried, weights, unseen, 'scgpt')).toEqual({
      change: row(3),
      basis: 'other contexts',
    });
    const alone = new Map([['scgpt', row(1)]]);
    expect(finalChange(alone, weights, unseen, 'scgpt')).toEqual({ change: row(1), basis: 'model' });
  });
});
