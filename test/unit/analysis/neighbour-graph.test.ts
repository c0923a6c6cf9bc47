/** @file UMAP connectivities against scanpy and umap-learn, and their properties where cells coincide. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  neighbourGraph,
  umapConnectivities,
  type WeightedGraph,
} from '../../../src/analysis/neighbour-graph.ts';
import { golden } from '../single-cell/golden.ts';
import { storedGraph, storedPoints } from './stored.ts';

const classical = golden('classical');
const metrics = golden('integration-metrics');

/** umap-learn searches its scales in float32, to 1e-5: the fixture's tolerance. */
function expectGraph(found: WeightedGraph, expected: WeightedGraph): void {
  expect(found.indptr).toEqual(expected.indptr);
  expect(found.indices).toEqual(expected.indices);
  const distance = found.weights.map((weight, i) => Math.abs(weight - expected.weights[i]));
  expect(Math.max(...distance)).toBeLessThan(1e-5);
}

/** Points on a coarse grid, so that some coincide. */
const gridPoints = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), {
    minLength: 6,
    maxLength: 60,
  })
  .map((set) => ({ values: Float64Array.from(set.flat()), count: set.length, dimensions: 2 }));

describe('neighbourGraph', () => {
  it('equals scanpy on 300 cells', async () => {
    expectGraph(await neighbourGraph(storedPoints()), storedGraph(classical, 'umap/connectivities'));
  });

  it.each(['mixed', 'not_mixed'])('equals umap-learn on the %s embedding', async (kind) => {
    const points = { values: metrics.f64(`${kind}/X`), count: 400, dimensions: 10 };
    expectGraph(await neighbourGraph(points), storedGraph(metrics, `${kind}/connectivities15`));
  });

  it('is symmetric, without loops, with weights above 0 up to 1, also where cells coincide', async () => {
    await fc.assert(
      fc.asyncProperty(gridPoints, fc.integer({ min: 2, max: 6 }), async (points, k) => {
        const { count, indptr, indices, weights } = await neighbourGraph(points, k);
        const edges = new Map<string, number>();
        for (let row = 0; row < count; row++) {
          for (let i = indptr[row]; i < indptr[row + 1]; i++) edges.set(`${row} ${indices[i]}`, weights[i]);
        }
        expect(edges.size).toBe(indices.length);
        for (const [name, weight] of edges) {
          const [row, column] = name.split(' ');
          expect(row).not.toBe(column);
          expect(weight).toBeGreaterThan(0);
          expect(weight).toBeLessThanOrEqual(1);
          expect(edges.get(`${column} ${row}`)).toBe(weight);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('connects equal cells fully', () => {
    const neighbours = {
      count: 3,
      k: 2,
      indices: Int32Array.of(1, 2, 0, 2, 0, 1),
      distances: new Float64Array(6),
    };
    expect([...umapConnectivities(neighbours).weights]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it.each([0, 1, 2.5, 4])('refuses %s neighbours among 3 cells', async (k) => {
    const points = { values: Float64Array.of(0, 1, 2), count: 3, dimensions: 1 };
    await expect(neighbourGraph(points, k)).rejects.toMatchObject({ reason: 'neighbour_count' });
  });
});
