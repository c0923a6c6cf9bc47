import { describe, expect, it } from 'vitest';
import { neighbourShares } from '../../../../src/analysis/integration/neighbour-shares.ts';
import type { Points } from '../../../../src/analysis/points.ts';
import { randomStream } from '../../../../src/support/random.ts';

/** Two far groups of 30 cells. */
function twoGroups(): Points {
  const random = randomStream(3, 'points');
  const values = Float64Array.from({ length: 60 * 4 }, (_, i) => random.normal() + (i < 120 ? 0 : 20));
  return { values, count: 60, dimensions: 4 };
}

describe('neighbour shares', () => {
  it('sum to 1 in every row, nothing for the cell itself, nothing across far groups', async () => {
    const shares = await neighbourShares(twoGroups());
    const members = [0, 5, 9, 31, 40, 59];
    const found = shares.of(members);
    for (let i = 0; i < 6; i++) {
      const row = found.subarray(i * 6, (i + 1) * 6);
      expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(row[i]).toBe(0);
      row.forEach((value, j) => {
        if (i < 3 !== j < 3) expect(value).toBeLessThan(1e-6);
      });
    }
  });

  it('gives a lone cell no share, and nothing that is not a number', async () => {
    const shares = await neighbourShares({ values: new Float64Array(8), count: 4, dimensions: 2 });
    expect(Array.from(shares.of([2]))).toEqual([0]);
    expect(Array.from(shares.of([0, 1, 2])).every(Number.isFinite)).toBe(true);
  });

  it('puts each cell to train on at most once among the first of pairs, and no other cell into a batch', async () => {
    const shares = await neighbourShares(twoGroups());
    const cells = Int32Array.from({ length: 40 }, (_, i) => i);
    const batches = shares.epoch(cells, 16, 0, 1);
    expect(batches).toHaveLength(5);
    for (const batch of batches) {
      expect(batch.length).toBeGreaterThanOrEqual(8);
      expect(batch.length).toBeLessThanOrEqual(16);
      expect(batch.every((cell) => cell < 40)).toBe(true);
    }
    expect(shares.epoch(cells, 16, 0, 1)).toEqual(batches);
    expect(shares.epoch(cells, 16, 0, 2)).not.toEqual(batches);
  });
});
