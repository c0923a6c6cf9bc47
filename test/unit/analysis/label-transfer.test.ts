/** @file Labels by nearest reference cells against scikit-learn, votes by hand, and requests that do not fit. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestReferences, transferLabels } from '../../../src/analysis/label-transfer.ts';
import { nearestNeighbours } from '../../../src/analysis/neighbours.ts';
import { takeRows } from '../../../src/analysis/points.ts';
import { golden } from '../single-cell/golden.ts';
import { storedPoints } from './stored.ts';

const classical = golden<{ readonly parameters: { readonly labels: string[] } }>('classical');
const line = (...values: number[]) => ({
  values: Float64Array.from(values),
  count: values.length,
  dimensions: 1,
});

describe('transferLabels', () => {
  it.each([1, 15])('equals scikit-learn with %i neighbours', async (k) => {
    const train = classical.i32('split/train');
    const codes = classical.i32('label');
    const predicted = await transferLabels(
      takeRows(storedPoints(), train),
      { name: 'label', codes: train.map((cell) => codes[cell]), groups: classical.about.parameters.labels },
      takeRows(storedPoints(), classical.i32('split/test')),
      k,
    );
    expect(predicted).toEqual(classical.i32(`knn_classifier/uniform_${k}/pred`));
  });

  it('counts votes: the first of equals, none of cells without a label', async () => {
    const labels = { name: 'x', codes: Int32Array.of(1, 0, -1, -1, 1), groups: ['a', 'b'] };
    const reference = line(0, 1, 10, 11, 12);
    const predicted = (k: number) => transferLabels(reference, labels, line(0.1, 10.5, 11.6), k);
    expect([...(await predicted(2))]).toEqual([0, -1, 1]);
    expect([...(await predicted(1))]).toEqual([1, -1, 1]);
  });
});

describe('nearestReferences', () => {
  it('finds the same by cosine as among the points themselves', async () => {
    const points = storedPoints();
    const others = await nearestNeighbours(points, 5, 'cosine');
    const found = await nearestReferences(points, points, 6, undefined, 'cosine');
    for (let row = 0; row < points.count; row++) {
      expect(found.indices[row * 6]).toBe(row);
      expect(found.distances[row * 6]).toBe(0);
      const rest = found.indices.subarray(row * 6 + 1, (row + 1) * 6);
      expect(rest).toEqual(others.indices.subarray(row * 5, (row + 1) * 5));
    }
  });

  it('equals sorting all distances, ties by row', async () => {
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(values, values, fc.integer({ min: 1, max: 10 }), async (reference, query, wanted) => {
        const k = Math.min(wanted, reference.length);
        const found = await nearestReferences(line(...reference), line(...query), k);
        query.forEach((value, row) => {
          const expected = [...reference.keys()]
            .sort((a, b) => Math.abs(reference[a] - value) - Math.abs(reference[b] - value) || a - b)
            .slice(0, k);
          expect([...found.indices.slice(row * k, (row + 1) * k)]).toEqual(expected);
          expect(found.distances[row * k]).toBe(Math.abs(reference[expected[0]] - value));
        });
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what does not fit', async () => {
    const plane = { values: new Float64Array(2), count: 1, dimensions: 2 };
    await expect(nearestReferences(line(0), line(0), 2)).rejects.toMatchObject({ reason: 'neighbour_count' });
    await expect(nearestReferences(line(0), plane, 1)).rejects.toMatchObject({ reason: 'dimensions' });
    await expect(nearestReferences(line(Number.NaN), line(0), 1)).rejects.toMatchObject({
      reason: 'not_finite',
    });
  });
});
