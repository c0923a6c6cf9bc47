/** @file Nearest neighbours against scikit-learn, ties, few points, and points that are none. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstNeighbours, type Metric, nearestNeighbours } from '../../../src/analysis/neighbours.ts';
import { finiteRows, pointsOf, takeRows } from '../../../src/analysis/points.ts';
import { golden } from '../single-cell/golden.ts';
import { storedPoints } from './stored.ts';

const classical = golden('classical');

describe('nearestNeighbours', () => {
  it.each(['euclidean', 'cosine'] as Metric[])('equals scikit-learn by %s distance', async (metric) => {
    const found = await nearestNeighbours(storedPoints(), 15, metric);
    expect(found.indices).toEqual(classical.i32(`knn/${metric}_indices`));
    const expected = classical.f64(`knn/${metric}_distances`);
    found.distances.forEach((distance, i) => {
      expect(Math.abs(distance - expected[i])).toBeLessThan(1e-9);
    });
  });

  it('equals sorting all distances, ties by row', async () => {
    const coordinate = fc.integer({ min: -2, max: 2 }); // few values: many ties
    const sets = fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(sets, fc.integer({ min: 1, max: 20 }), async (set, wanted) => {
        const k = Math.min(wanted, set.length - 1);
        const points = { values: Float64Array.from(set.flat()), count: set.length, dimensions: 2 };
        const found = await nearestNeighbours(points, k);
        set.forEach(([x, y], row) => {
          const expected = set
            .map(([a, b], other) => ({ other, square: (x - a) ** 2 + (y - b) ** 2 }))
            .filter(({ other }) => other !== row)
            .sort((a, b) => a.square - b.square || a.other - b.other)
            .slice(0, k);
          expect([...found.indices.slice(row * k, (row + 1) * k)]).toEqual(
            expected.map(({ other }) => other),
          );
        });
      }),
      { numRuns: 30 },
    );
  });

  it('begins with the neighbours that fewer have', async () => {
    const many = await nearestNeighbours(storedPoints(), 15);
    expect(firstNeighbours(many, 4)).toEqual(await nearestNeighbours(storedPoints(), 4));
    expect(firstNeighbours(many, 15)).toBe(many);
  });

  it('reports progress and stops when told', async () => {
    const stages: number[] = [];
    await nearestNeighbours(storedPoints(), 5, 'euclidean', { onProgress: ({ done }) => stages.push(done) });
    expect(stages.at(-1)).toBe(300);
    const signal = AbortSignal.abort();
    await expect(nearestNeighbours(storedPoints(), 5, 'euclidean', { signal })).rejects.toThrow('stopped');
  });

  it.each([0, 3, 1.5])('refuses %s neighbours among 3 points', async (k) => {
    const points = { values: new Float64Array(3), count: 3, dimensions: 1 };
    await expect(nearestNeighbours(points, k)).rejects.toMatchObject({ reason: 'neighbour_count' });
  });

  it('refuses NaN, and zero vectors by cosine', async () => {
    const broken = { values: Float64Array.of(0, 1, Number.NaN), count: 3, dimensions: 1 };
    await expect(nearestNeighbours(broken, 1)).rejects.toMatchObject({ reason: 'not_finite' });
    const zero = { values: Float64Array.of(1, 0, 2), count: 3, dimensions: 1 };
    await expect(nearestNeighbours(zero, 1, 'cosine')).rejects.toMatchObject({ reason: 'zero_vector' });
  });
});

describe('points', () => {
  it('leave out rows that are not finite', () => {
    const points = { values: Float32Array.of(1, 2, Number.NaN, 0, 3, 4), count: 3, dimensions: 2 };
    const rows = finiteRows(points);
    expect([...rows]).toEqual([0, 2]);
    expect([...takeRows(points, rows).values]).toEqual([1, 2, 3, 4]);
  });

  it('are refused when they are no table of numbers', () => {
    const values = Int32Array.of(1, 2);
    expect(() => pointsOf({ kind: 'dense', dtype: 'int32', shape: [2, 1], values })).toThrow('Int32Array');
    expect(() =>
      pointsOf({ kind: 'dense', dtype: 'float32', shape: [2], values: new Float32Array(2) }),
    ).toThrow('[2]');
  });
});
