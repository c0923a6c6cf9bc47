/** @file Settings of fine-tuning tasks: what is taken, what is refused, and how the learning rate changes. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UsageError } from '../../../../src/support/errors.ts';
import { annotateDefaults, publishedRecipe } from '../../../../src/tasks/annotate/settings.ts';
import { completeSettings, scheduleOf } from '../../../../src/tasks/fine-tuning/settings.ts';
import { learningRateAt } from '../../../../src/train/schedule.ts';

describe('completeSettings', () => {
  const base = { epochs: 3, freeze: 'none' };
  const schema = z.strictObject({ epochs: z.int().min(1), freeze: z.string() });

  it('takes what is said and is a setting, the rest as it was', () => {
    const said = { epochs: 5, freeze: undefined, threads: 2 };
    expect(completeSettings(said, base, schema, 'settings of a test')).toEqual({ epochs: 5, freeze: 'none' });
  });

  it('names what does not fit and where', () => {
    const wrong = () => completeSettings({ epochs: 0 }, base, schema, 'settings of a test');
    expect(wrong).toThrow(UsageError);
    expect(wrong).toThrow(/settings of a test.*epochs/s);
  });
});

describe('scheduleOf', () => {
  it('is the published one: times 0.9 after each epoch', () => {
    const rateAt = (step: number) => learningRateAt(scheduleOf(publishedRecipe, 1000), step, 100, 1000);
    expect(rateAt(0)).toBe(1e-4);
    expect(rateAt(250)).toBeCloseTo(1e-4 * 0.81, 12);
  });

  it('is by default half a cosine with a twentieth of warm-up', () => {
    const rateAt = (step: number) => learningRateAt(scheduleOf(annotateDefaults, 1000), step, 100, 1000);
    expect(rateAt(0)).toBe(0);
    expect(rateAt(50)).toBeCloseTo(1e-3, 12);
    expect(rateAt(1000)).toBeCloseTo(0, 12);
  });
});
