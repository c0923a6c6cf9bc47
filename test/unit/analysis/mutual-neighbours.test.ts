/** @file Mutual nearest neighbours against scikit-learn's, against their definition, and input that has none. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../src/analysis/groups.ts';
import { mutualNeighbours } from '../../../src/analysis/mutual-neighbours.ts';
import { takeRows } from '../../../src/analysis/points.ts';
import { golden } from '../single-cell/golden.ts';
import { storedPoints } from './stored.ts';

function grouped(codes: ArrayLike<number>): Grouping {
  const groups = Array.from({ length: Math.max(...Array.from(codes)) + 1 }, (_, code) => `batch ${code}`);
  return { name: 'batch', codes: Int32Array.from(codes), groups };
}

describe('mutualNeighbours', () => {
  it('equals the stored pairs of two batches', async () => {
    const classical = golden('classical');
    const codes = classical.i32('batch');
    const rows = [0, 1].map((batch) => [...codes.keys()].filter((cell) => codes[cell] === batch));
    const points = takeRows(storedPoints(), rows.flat());
    const batch = grouped(rows.flatMap((cells, code) => cells.map(() => code)));
    const found = await mutualNeighbours(points, batch);
    const pairs = Array.from(found.first, (cell, i) => [cell, found.second[i] - rows[0].length]);
    const stored = classical.i32('mnn/pairs');
    const expected = Array.from({ length: stored.length / 2 }, (_, i) => [stored[2 * i], stored[2 * i + 1]]);
    expected.sort(([a, b], [c, d]) => a - c || b - d);
    expect(pairs).toEqual(expected);
  });

  it('equals sorting all distances, in every two batches', async () => {
    const coordinate = fc.integer({ min: -2, max: 2 });
    const cells = fc.array(fc.tuple(coordinate, coordinate, fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 90,
    });
    await fc.assert(
      fc.asyncProperty(cells, fc.integer({ min: 1, max: 6 }), async (set, k) => {
        const nearest = (cell: number, batch: number) =>
          set
            .map(([x, y, code], other) => ({
              other,
              code,
              square: (x - set[cell][0]) ** 2 + (y - set[cell][1]) ** 2,
            }))
            .filter(({ code }) => code === batch)
            .sort((a, b) => a.square - b.square || a.other - b.other)
            .slice(0, k)
            .map(({ other }) => other);
        const expected = set.flatMap(([, , a], cell) =>
          set
            .map(([, , b], other) => [cell, other, a, b])
            .filter(([, other, , b]) => a < b && nearest(cell, b).includes(other))
            .filter(([, other]) => nearest(other, a).includes(cell)),
        );
        expected.sort(([i, j, a, b], [k, l, c, d]) => a - c || b - d || i - k || j - l);
        const points = {
          values: Float64Array.from({ length: 2 * set.length }, (_, i) => set[i >> 1][i % 2]),
          count: set.length,
          dimensions: 2,
        };
        const batch = grouped(set.map(([, , code]) => code));
        const found = await mutualNeighbours(points, batch, { k, metric: 'euclidean' });
        expect(Array.from(found.first, (cell, i) => [cell, found.second[i]])).toEqual(
          expected.map(([cell, other]) => [cell, other]),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('finds none in one batch, and takes a batch of one cell', async () => {
    const points = { values: Float64Array.of(1, 2, 3), count: 3, dimensions: 1 };
    expect((await mutualNeighbours(points, grouped([0, 0, 0]))).first).toHaveLength(0);
    const single = await mutualNeighbours(points, grouped([0, 0, 1]), { metric: 'euclidean' });
    expect([[...single.first], [...single.second]]).toEqual([
      [0, 1],
      [2, 2],
    ]);
  });

  it('refuses other cells, cells without a batch, no neighbours and cells without a direction', async () => {
    const points = { values: Float64Array.of(1, 0, 3), count: 3, dimensions: 1 };
    const refused = (codes: number[], k?: number) => mutualNeighbours(points, grouped(codes), { k });
    await expect(refused([0, 1])).rejects.toMatchObject({ reason: 'grouping_length' });
    await expect(refused([0, 1, -1])).rejects.toMatchObject({ reason: 'missing_group' });
    await expect(refused([0, 1, 1], 0)).rejects.toMatchObject({ reason: 'neighbour_count' });
    await expect(refused([0, 1, 1])).rejects.toMatchObject({ reason: 'zero_vector' });
  });
});
