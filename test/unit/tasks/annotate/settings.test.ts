/** @file Settings of annotation: defaults, what is refused, and what follows from the size of a reference. */

import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/support/errors.ts';
import {
  annotateDefaults,
  annotateSettings,
  batchSizeFor,
  epochsFor,
  publishedRecipe,
} from '../../../../src/tasks/annotate/settings.ts';

describe('annotateSettings', () => {
  it('takes what is said, else the defaults, and ignores options that are no settings', () => {
    const said = { learningRate: 0.01, seed: undefined, threads: 2 };
    expect(annotateSettings(said)).toEqual({ ...annotateDefaults, learningRate: 0.01 });
  });

  it.each([{ learningRate: 0 }, { balance: 2 }, { validationShare: 1 }, { freeze: 'some' }, { epochs: 1.5 }])(
    'refuses %j and names it',
    (said) => {
      expect(() => annotateSettings(said)).toThrow(UsageError);
      expect(() => annotateSettings(said)).toThrow(Object.keys(said)[0]);
    },
  );
});

describe('what follows from the size of the reference', () => {
  it.each([
    [20, 30, 8],
    [307, 30, 19],
    [600, 30, 32],
    [2000, 10, 32],
    [10_000, 4, 32],
    [1_000_000, 4, 32],
  ])('%i cells: %i epochs in batches of %i', (cells, epochs, batch) => {
    expect(epochsFor(annotateDefaults, cells)).toBe(epochs);
    expect(batchSizeFor(annotateDefaults, cells)).toBe(batch);
  });

  it('is not so where it is said', () => {
    expect(epochsFor(publishedRecipe, 20)).toBe(10);
    expect(batchSizeFor(publishedRecipe, 20)).toBe(32);
  });
});
