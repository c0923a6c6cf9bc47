/** @file Harmony's loop, edition 1, against harmonypy 0.0.10 step by step. */

import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import { type HarmonySettings, harmonyDefaults } from '../../../../src/analysis/harmony/editions.ts';
import { harmonise } from '../../../../src/analysis/harmony/harmonise.ts';
import { scaleToUnit } from '../../../../src/analysis/harmony/soft-clusters.ts';
import { golden } from '../../single-cell/golden.ts';
import { storedPoints } from '../stored.ts';

interface Stored {
  readonly harmony: { readonly kmeans_rounds: readonly number[] };
}

const classical = golden<Stored>('classical');
const batch: Grouping = { name: 'batch', codes: classical.i32('batch'), groups: ['a', 'b', 'c'] };
const original = Float64Array.from(storedPoints().values);
const settings: HarmonySettings = { ...harmonyDefaults(1, 300), clusters: 8, iterations: 6, rounds: 12 };

function start() {
  const orders = classical.i32('harmony/update_order');
  let used = 0;
  return {
    original,
    batch,
    centroids: scaleToUnit(classical.f64('harmony/initial_centroids'), 15),
    order: () => orders.subarray(300 * used, 300 * ++used),
  };
}

function expectNear(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    if (Math.abs(found[i] - expected[i]) > tolerance * (1 + Math.abs(expected[i]))) {
      expect.fail(`entry ${i} is ${found[i]}, not ${expected[i]}`);
    }
  }
}

describe('harmonise', () => {
  it('equals harmonypy 0.0.10 after one iteration', async () => {
    const found = await harmonise(start(), { ...settings, iterations: 1 });
    expectNear(found.corrected, classical.f64('harmony/Z_corr_after_1'), 1e-6);
    expectNear(found.memberships, classical.f64('harmony/R_after_1'), 1e-6);
  });

  it('equals harmonypy 0.0.10 at the end, in as many rounds and with the same objective', async () => {
    const found = await harmonise(start(), settings);
    expect(found.rounds).toEqual(classical.about.harmony.kmeans_rounds);
    expectNear(found.objectives, classical.f64('harmony/objective_kmeans'), 1e-6);
    expectNear(found.memberships, classical.f64('harmony/R'), 1e-6);
    expectNear(found.corrected, classical.f64('harmony/Z_corr'), 1e-6);
    expectNear(scaleToUnit(found.corrected.slice(), 15), classical.f64('harmony/Z_cos'), 1e-6);
  });
});
