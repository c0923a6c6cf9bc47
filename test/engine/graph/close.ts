/** @file What it is for results in float32 to equal those in float64. */

import { expect } from 'vitest';
import type { Dense } from './interpreter.ts';

/** What float32 leaves of a tensor's largest number after a few operations. */
const float32Tolerance = 2e-6;

/** Expects the same names and shapes, and values within a share of a tensor's largest, at least of 1. */
export function expectClose(
  actual: Record<string, Dense>,
  expected: Record<string, Dense>,
  tolerance = float32Tolerance,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(actual[name].shape, name).toEqual(shape);
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    data.forEach((value, i) => {
      const distance = Math.abs(actual[name].data[i] - value);
      expect(distance, `${name}, element ${i}: ${value}`).toBeLessThanOrEqual(tolerance * largest);
    });
  }
}
