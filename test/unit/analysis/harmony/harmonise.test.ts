/** @file Harmony's loop against harmonypy: edition 1 step by step, edition 2 as far as its random order allows. */

import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import { type HarmonySettings, harmonyDefaults } from '../../../../src/analysis/harmony/editions.ts';
import { harmonise } from '../../../../src/analysis/harmony/harmonise.ts';
import { correctBatches } from '../../../../src/analysis/harmony/ridge-correction.ts';
import { SoftClusters, scaleToUnit } from '../../../../src/analysis/harmony/soft-clusters.ts';
import { randomStream } from '../../../../src/support/random.ts';
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

describe('harmonise, edition 2', () => {
  const stored = golden<{ readonly iterations: number }>('harmony-2');
  const defaults = harmonyDefaults(2, 300);

  /** From the stored centroids, in an order of our own. */
  function run(seed: number, iterations = defaults.iterations) {
    const random = randomStream(seed, 'test');
    return harmonise(
      {
        original,
        batch,
        centroids: stored.f64('centroids'),
        order: () => random.shuffle(Int32Array.from({ length: 300 }, (_, cell) => cell)),
      },
      { ...defaults, iterations },
    );
  }

  function distance(a: Float64Array, b: Float64Array): number {
    return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
  }

  it('begins with the objective of harmonypy 2, and follows it as far as the order of cells allows', async () => {
    const { objectives, rounds } = await run(0);
    const expected = stored.f64('objective_kmeans');
    const scaled = objectives.map((objective) => (objective * 2000) / 300);
    expect(scaled[0] / expected[0]).toBeCloseTo(1, 6);
    expect(rounds).toHaveLength(stored.about.iterations);
    expect(scaled).toHaveLength(expected.length);
    scaled.forEach((objective, round) => {
      expect(Math.abs(objective / expected[round] - 1)).toBeLessThan(2e-3);
    });
  });

  it.each([
    ['one iteration', 'Z_corr_after_1', 1],
    ['all', 'Z_corr', defaults.iterations],
  ])(
    'corrects as harmonypy 2 does in %s, but for what another order changes',
    async (_, name, iterations) => {
      const expected = stored.f64(name);
      const correction = distance(expected, original);
      for (const seed of [0, 1, 2]) {
        const { corrected } = await run(seed, iterations);
        expect(distance(corrected, expected) / correction).toBeLessThan(0.03);
      }
    },
  );
});

describe('the correction of edition 2', () => {
  it('solves the ridge regression of each cluster', async () => {
    const settings = { ...harmonyDefaults(2, 300), clusters: 4 };
    const random = randomStream(0, 'test');
    const centroids = scaleToUnit(
      Float64Array.from({ length: 4 * 15 }, () => random.normal()),
      15,
    );
    const clusters = new SoftClusters(batch, centroids, settings);
    clusters.measure(scaleToUnit(original.slice(), 15));
    clusters.assign();
    const { memberships, expected } = clusters;
    const corrected = correctBatches(original, batch, clusters, settings);
    const shifts = original.map((value, i) => value - corrected[i]);
    for (let dimension = 0; dimension < 15; dimension++) {
      const sums = new Float64Array(300);
      for (let cluster = 0; cluster < 4; cluster++) {
        const coefficients = ridge(cluster, dimension);
        for (let cell = 0; cell < 300; cell++) {
          sums[cell] += memberships[cell * 4 + cluster] * coefficients[1 + batch.codes[cell]];
        }
      }
      for (let cell = 0; cell < 300; cell++) expect(shifts[cell * 15 + dimension]).toBeCloseTo(sums[cell], 8);
    }

    /** Intercept and shifts, by Gaussian elimination of the normal equations. */
    function ridge(cluster: number, dimension: number): number[] {
      const rows = Array.from({ length: 4 }, () => new Array<number>(5).fill(0));
      for (let cell = 0; cell < 300; cell++) {
        const weight = memberships[cell * 4 + cluster];
        const code = 1 + batch.codes[cell];
        for (const i of [0, code]) {
          for (const j of [0, code]) rows[i][j] += weight;
          rows[i][4] += weight * original[cell * 15 + dimension];
        }
      }
      for (let code = 0; code < 3; code++) rows[1 + code][1 + code] += 0.2 * expected[code * 4 + cluster];
      for (let pivot = 0; pivot < 4; pivot++) {
        for (let row = 0; row < 4; row++) {
          if (row === pivot) continue;
          const factor = rows[row][pivot] / rows[pivot][pivot];
          for (let column = 0; column < 5; column++) rows[row][column] -= factor * rows[pivot][column];
        }
      }
      return rows.map((row, i) => row[4] / row[i]);
    }
  });
});
