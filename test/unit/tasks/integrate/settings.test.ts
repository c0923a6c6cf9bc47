import { describe, expect, it } from 'vitest';
import {
  epochsFor,
  integrateSettings,
  neighbourRecipe,
  publishedRecipe,
} from '../../../../src/tasks/integrate/settings.ts';

describe('settings of integration', () => {
  it('are those of the recipe where nothing else is said', () => {
    expect(integrateSettings({})).toEqual(neighbourRecipe);
    expect(integrateSettings({ epochs: undefined, seed: 3 }, 'published')).toEqual({
      ...publishedRecipe,
      seed: 3,
    });
  });

  it('refuse what does not fit, naming it', () => {
    expect(() => integrateSettings({ maskRatio: 1 })).toThrow(/maskRatio/);
    expect(() => integrateSettings({ freeze: 'half' })).toThrow(/freeze/);
    expect(() => integrateSettings({ batchNorm: true })).toThrow(/batchNorm, or a weight of neighbours/);
  });

  it('let small sets pass more often', () => {
    expect(epochsFor({ epochs: 'auto' }, 1)).toBe(40);
    expect(epochsFor({ epochs: 'auto' }, 20)).toBe(8);
    expect(epochsFor({ epochs: 'auto' }, 5000)).toBe(3);
    expect(epochsFor({ epochs: 7 }, 5000)).toBe(7);
  });
});
