/** @file The shared-neighbour graph against Seurat's, and against its definition. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNeighbours } from '../../../src/analysis/neighbours.ts';
import { sharedNeighbourGraph } from '../../../src/analysis/shared-neighbours.ts';
import { golden } from '../single-cell/golden.ts';
import { storedPoints } from './stored.ts';

describe('sharedNeighbourGraph', () => {
  it('equals Seurat, but for the diagonal', async () => {
    const classical = golden('classical');
    const name = 'snn/jaccard_pruned_1_15';
    const indptr = classical.i32(`${name}.indptr`);
    const indices = classical.i32(`${name}.indices`);
    const weights = classical.f64(`${name}.data`);
    const found = sharedNeighbourGraph(await nearestNeighbours(storedPoints(), 19));
    for (let cell = 0; cell < 300; cell++) {
      const expected = new Map<number, number>();
      for (let i = indptr[cell]; i < indptr[cell + 1]; i++) expected.set(indices[i], weights[i]);
      expect(expected.get(cell)).toBe(1);
      expected.delete(cell);
      const edges = new Map<number, number>();
      for (let i = found.indptr[cell]; i < found.indptr[cell + 1]; i++)
        edges.set(found.indices[i], found.weights[i]);
      expect([...edges.keys()]).toEqual([...expected.keys()]);
      for (const [other, weight] of edges) expect(weight).toBeCloseTo(expected.get(other) ?? Number.NaN, 12);
    }
  });

  it('has every edge from both ends, by the share of common neighbours', async () => {
    const coordinate = fc.integer({ min: 0, max: 5 });
    const sets = fc.array(fc.tuple(coordinate, coordinate), { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sets, fc.integer({ min: 1, max: 4 }), async (set, k) => {
        const points = { values: Float64Array.from(set.flat()), count: set.length, dimensions: 2 };
        const neighbours = await nearestNeighbours(points, k);
        const found = sharedNeighbourGraph(neighbours);
        const around = set.map(
          (_, cell) => new Set([cell, ...neighbours.indices.slice(cell * k, (cell + 1) * k)]),
        );
        const expected = around.flatMap((mine, cell) =>
          around.flatMap((theirs, other) => {
            const shared = [...mine].filter((member) => theirs.has(member)).length;
            const weight = shared / (mine.size + theirs.size - shared);
            return other === cell || weight < 1 / 15 ? [] : [[cell, other, weight]];
          }),
        );
        const edges = set.flatMap((_, cell) =>
          Array.from(found.indices.slice(found.indptr[cell], found.indptr[cell + 1]), (other, i) => [
            cell,
            other,
            found.weights[found.indptr[cell] + i],
          ]),
        );
        expect(edges).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
