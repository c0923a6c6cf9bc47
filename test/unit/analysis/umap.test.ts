/** @file The UMAP layout: equal bytes every time, groups kept apart, cells without a place, few cells. */

import { describe, expect, it } from 'vitest';
import { neighbourhoodOf } from '../../../src/analysis/neighbourhood.ts';
import { pointsOf } from '../../../src/analysis/points.ts';
import { withScran } from '../../../src/analysis/scran.ts';
import { umap } from '../../../src/analysis/umap.ts';
import { golden } from '../single-cell/golden.ts';

const classical = golden('classical');

function storedEmbedding(emptyRows: readonly number[] = []) {
  const values = classical.f32('pca/X_pca');
  for (const row of emptyRows) values.fill(Number.NaN, row * 20, (row + 1) * 20);
  return pointsOf({ kind: 'dense', dtype: 'float32', shape: [300, 20], values });
}

describe('umap', () => {
  it('gives the same bytes twice', async () => {
    const neighbourhood = await neighbourhoodOf(storedEmbedding());
    const once = await umap(neighbourhood, 300);
    const twice = await umap(neighbourhood, 300);
    expect(twice.values).toEqual(once.values);
    expect(once.shape).toEqual([300, 2]);
  });

  it('gives the same bytes however many threads the library has and however its work is cut', async () => {
    const { neighbours } = await neighbourhoodOf(storedEmbedding());
    const { count, k, indices, distances } = neighbours!;
    const scran = await withScran(async (module) => module);
    const layouts: Float64Array[] = [];
    for (const threads of [1, 2]) {
      await scran.initialize({ numberOfThreads: threads, localFile: false });
      const found = scran.FindNearestNeighborsResults.unserialize(
        new Int32Array(count).fill(k),
        indices,
        distances,
      );
      const options = { neighbors: k, epochs: 100, minDist: 0.5, numberOfThreads: threads };
      const status = scran.initializeUmap(found, options);
      while (status.currentEpoch() < 100) status.run({ runTime: threads === 1 ? 5 : null });
      layouts.push(status.extractCoordinates().x.slice());
      status.free();
      found.free();
      scran.terminate();
    }
    expect(layouts[1]).toEqual(layouts[0]);
  });

  it('keeps neighbours together: cells of a type lie nearer each other than to others', async () => {
    const layout = await umap(await neighbourhoodOf(storedEmbedding()), 300);
    const within = await neighbourhoodOf(pointsOf(layout));
    const labels = classical.i32('label');
    let same = 0;
    within.neighbours!.indices.forEach((other, i) => {
      if (labels[other] === labels[Math.floor(i / 15)]) same++;
    });
    expect(same / (300 * 15)).toBeGreaterThan(0.6); // 0.25 by chance
  });

  it('leaves cells without a place out', async () => {
    const layout = await umap(await neighbourhoodOf(storedEmbedding([0, 7, 299])), 300, { epochs: 20 });
    const missing = [...layout.values.keys()].filter((i) => Number.isNaN(layout.values[i]));
    expect(missing).toEqual([0, 1, 14, 15, 598, 599]);
  });

  it.each([0, 1, 2, 3, 4, 5, 16])('lays out %s cells', async (count) => {
    const values = classical.f32('pca/X_pca').slice(0, count * 20);
    const embedding = { values, count, dimensions: 20 };
    const layout = await umap(await neighbourhoodOf(embedding), count, { epochs: 20 });
    expect(layout.values.length).toBe(2 * count);
    expect(layout.values.every(Number.isFinite)).toBe(true);
  });

  it('lays out cells that are all alike', async () => {
    const embedding = { values: new Float32Array(60).fill(1), count: 30, dimensions: 2 };
    const layout = await umap(await neighbourhoodOf(embedding), 30, { epochs: 20 });
    expect(layout.values.every(Number.isFinite)).toBe(true);
  });

  it('reports progress and stops when told', async () => {
    const neighbourhood = await neighbourhoodOf(storedEmbedding());
    const done: number[] = [];
    await umap(neighbourhood, 300, { epochs: 30, onProgress: (progress) => done.push(progress.done) });
    expect(done.at(-1)).toBe(30);
    await expect(umap(neighbourhood, 300, { signal: AbortSignal.abort() })).rejects.toThrow('stopped');
    expect((await umap(neighbourhood, 300, { epochs: 5 })).shape).toEqual([300, 2]); // the library still opens
  });
});
