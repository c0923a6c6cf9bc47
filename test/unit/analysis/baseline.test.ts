/** @file The PCA baseline: the usual steps in their order, small data, and input that cannot be used. */

import { describe, expect, it } from 'vitest';
import { baselineScale, pcaBaseline } from '../../../src/analysis/baseline.ts';
import { pca } from '../../../src/analysis/pca.ts';
import { variableByDispersion } from '../../../src/single-cell/preprocess/variable-by-dispersion.ts';
import { selectGenes } from '../../../src/single-cell/preprocess/views.ts';
import { randomStream } from '../../../src/support/random.ts';
import { golden } from '../single-cell/golden.ts';
import { matrixOf } from './rows.ts';

const classical = golden('classical');
const logged = matrixOf(classical.f32('X'), 300, 220);

/** Counts of 40 cells in two groups: the last 10 of 60 genes differ. */
function counts() {
  const random = randomStream(2, 'test');
  const values = Float32Array.from({ length: 40 * 60 }, (_, i) => {
    const marker = i % 60 >= 50 && Math.floor(i / 60) < 20;
    return 20 + random.integer(8) + (marker ? 60 : 0);
  });
  return matrixOf(values, 40, 60);
}

describe('pcaBaseline', () => {
  it('takes all genes when there are no more than asked for', async () => {
    const found = await pcaBaseline(logged, { scale: 'logged', components: 20 });
    expect(found.genes).toHaveLength(220);
    expect(found.scores.values).toEqual((await pca(logged, 20)).scores.values);
    expect(found.method).toBe('values as given, all 220 genes, 20 principal components');
  });

  it('chooses highly variable genes', async () => {
    const found = await pcaBaseline(logged, { scale: 'logged', genes: 50, components: 5 });
    const { order } = await variableByDispersion(logged, { flavor: 'seurat', choose: 50, batches: null });
    expect([...found.genes]).toEqual([...order].sort((a, b) => a - b));
    expect(found.scores.values).toEqual((await pca(selectGenes(logged, found.genes), 5)).scores.values);
  });

  it('normalises and logs counts first: depth does not matter', async () => {
    const shallow = counts();
    const deep = {
      ...shallow,
      rows: async (start: number, end: number) => timesThree(await shallow.rows(start, end)),
    };
    const found = await pcaBaseline(shallow, { scale: 'linear', genes: 20, components: 3 });
    const again = await pcaBaseline(deep, { scale: 'linear', genes: 20, components: 3 });
    found.scores.values.forEach((value, i) => {
      expect(value).toBeCloseTo(again.scores.values[i], 4);
    });
    const first = Array.from({ length: 40 }, (_, cell) => Math.sign(found.scores.values[cell * 3]));
    expect(new Set(first.slice(0, 20)).size).toBe(1); // the first component parts the groups
    expect(new Set(first.slice(20)).size).toBe(1);
  });

  it('gives fewer components for few cells, and refuses one', async () => {
    const few = matrixOf(classical.f32('X').slice(0, 3 * 220), 3, 220);
    expect((await pcaBaseline(few, { scale: 'logged' })).scores.shape).toEqual([3, 2]);
    const one = matrixOf(classical.f32('X').slice(0, 220), 1, 220);
    await expect(pcaBaseline(one, { scale: 'logged' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('refuses negative values', async () => {
    const scaled = matrixOf(Float32Array.of(1, -1, 2, 1), 2, 2);
    await expect(pcaBaseline(scaled, { scale: 'linear' })).rejects.toMatchObject({
      reason: 'negative_value',
    });
  });

  it('knows which kinds of values are logged', () => {
    expect(baselineScale('raw_counts')).toBe('linear');
    expect(baselineScale('cpm')).toBe('linear');
    expect(baselineScale('log1p')).toBe('logged');
  });
});

function timesThree<T extends { values: ArrayLike<number> }>(block: T) {
  return { ...block, values: Float32Array.from(block.values, (value) => 3 * value) };
}
