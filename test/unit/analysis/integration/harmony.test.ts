/** @file Harmony: mixing as good as harmonypy's, the same result twice, and input that cannot be mixed. */

import { describe, expect, it } from 'vitest';
import { harmony, harmonyOnPca } from '../../../../src/analysis/integration/harmony.ts';
import { golden } from '../../single-cell/golden.ts';
import { storedPoints } from '../stored.ts';
import { ownShare, storedBatch, storedCells, storedLabels } from './stored-cells.ts';

type Mixing = Readonly<Record<`same_${'batch' | 'label'}_share_of_30_neighbours`, number>>;

const classical = golden<{ readonly harmony: { readonly mixing: Readonly<Record<string, Mixing>> } }>(
  'classical',
);
const { mixing } = classical.about.harmony;

async function meanMixing(edition: 1 | 2): Promise<{ batches: number; labels: number }> {
  const seeds = [0, 1, 2, 3, 4];
  const total = { batches: 0, labels: 0 };
  for (const seed of seeds) {
    const points = await harmony(storedPoints(), storedBatch, { seed, edition });
    total.batches += (await ownShare(points, storedBatch)) / seeds.length;
    total.labels += (await ownShare(points, storedLabels)) / seeds.length;
  }
  return total;
}

describe('harmony', () => {
  it('mixes batches and keeps labels apart as harmonypy 2 does', async () => {
    const before = await ownShare(storedPoints(), storedBatch);
    expect(before).toBeCloseTo(mixing.before.same_batch_share_of_30_neighbours, 2);
    const { batches, labels } = await meanMixing(2);
    // harmonypy's own seeds reach from 0.50 to 0.58, as some stop early
    expect(Math.abs(batches - mixing.harmonypy2_seed0.same_batch_share_of_30_neighbours)).toBeLessThan(0.08);
    expect(labels).toBeGreaterThan(mixing.harmonypy2_seed0.same_label_share_of_30_neighbours - 0.02);
  });

  it('mixes batches as harmonypy 0.0.10 does in the first edition', async () => {
    const { batches, labels } = await meanMixing(1);
    expect(Math.abs(batches - mixing.harmony1.same_batch_share_of_30_neighbours)).toBeLessThan(0.04);
    expect(labels).toBeGreaterThan(mixing.harmony1.same_label_share_of_30_neighbours - 0.03);
  });

  it('gives the same numbers for the same seed only', async () => {
    const once = await harmony(storedPoints(), storedBatch, { seed: 3 });
    expect((await harmony(storedPoints(), storedBatch, { seed: 3 })).values).toEqual(once.values);
    expect((await harmony(storedPoints(), storedBatch, { seed: 4 })).values).not.toEqual(once.values);
  });

  it.each([1, 2] as const)('leaves one batch as it was, edition %s', async (edition) => {
    const points = storedPoints();
    const batch = { name: 'batch', codes: new Int32Array(300), groups: ['all'] };
    const { values } = await harmony(points, batch, { edition });
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(points.values[i], 9);
    });
  });

  it('takes few cells, a batch of one cell, cells that coincide and a cell at the origin', async () => {
    const points = { values: Float64Array.of(0, 0, 1, 1, 1, 1, 2, 0), count: 4, dimensions: 2 };
    const batch = { name: 'batch', codes: Int32Array.of(0, 0, 1, 1), groups: ['a', 'b'] };
    expect((await harmony(points, batch)).values.every(Number.isFinite)).toBe(true);
    const single = { ...storedBatch, codes: storedBatch.codes.map((_, cell) => (cell === 7 ? 1 : 0)) };
    expect((await harmony(storedPoints(), single)).values.every(Number.isFinite)).toBe(true);
  });

  it('says what it did, with progress, and stops when told', async () => {
    const stages = new Set<string>();
    const cells = await storedCells();
    const { method, points } = await harmonyOnPca(
      cells,
      { scaled: true },
      { onProgress: ({ stage }) => stages.add(stage) },
    );
    expect(method).toBe('stored values, 15 principal components of genes scaled to unit variance, Harmony');
    expect(points.count).toBe(300);
    expect(stages).toContain('harmony');
    const signal = AbortSignal.abort();
    await expect(harmony(storedPoints(), storedBatch, {}, { signal })).rejects.toThrow('stopped');
  });

  it('refuses other cells, cells without a batch, no cells and numbers that are none', async () => {
    const two = { values: Float64Array.of(1, 2), count: 2, dimensions: 1 };
    const refused = (codes: number[], points = two) =>
      harmony(points, { name: 'batch', codes: Int32Array.from(codes), groups: ['a', 'b'] });
    await expect(refused([0])).rejects.toMatchObject({ reason: 'grouping_length' });
    await expect(refused([0, -1])).rejects.toMatchObject({ reason: 'missing_group' });
    await expect(refused([], { values: new Float64Array(0), count: 0, dimensions: 1 })).rejects.toMatchObject(
      {
        reason: 'too_few_cells',
      },
    );
    await expect(refused([0, 1], { ...two, values: Float64Array.of(1, Number.NaN) })).rejects.toMatchObject({
      reason: 'not_finite',
    });
  });
});
