/** @file How long a screen is learnt for. */

import { describe, expect, it } from 'vitest';
import { epochsFor, perturbSettings } from '../../../../src/tasks/perturb/settings.ts';

describe('epochs of a screen', () => {
  it('are more where the same perturbation is asked for in other contexts', () => {
    const settings = perturbSettings({});
    expect(epochsFor(settings, 'perturbation')).toBe(4);
    expect(epochsFor(settings, 'context')).toBe(15);
    expect(epochsFor(settings, 'nothing')).toBe(4);
  });

  it('are what is said', () => {
    expect(epochsFor(perturbSettings({ epochs: 7 }), 'context')).toBe(7);
    expect(epochsFor(perturbSettings({}, true), 'perturbation')).toBe(15);
  });

  it('refuse none', () => {
    expect(() => perturbSettings({ epochs: 0 })).toThrow(/epochs/);
  });
});
