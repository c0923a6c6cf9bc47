/** @file Joint coordinates and neighbours: what holds for any cells, in any order, with and without both modalities. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  besideEmbedding,
  jointComponents,
  pairsOf,
} from '../../../../src/analysis/multimodal/joint-components.ts';
import { amongAll, meanWhereMissing } from '../../../../src/analysis/multimodal/missing-rows.ts';
import { spectralComponents } from '../../../../src/analysis/multimodal/spectral.ts';
import { finiteRows, type Points, takeRows } from '../../../../src/analysis/points.ts';
import { randomStream } from '../../../../src/support/random.ts';

/** Three groups of cells. */
function points(count: number, dimensions: number, seed: number): Points {
  const random = randomStream(seed, 'points');
  const values = Float64Array.from({ length: count * dimensions }, (_, i) => {
    const group = Math.floor(i / dimensions) % 3;
    return random.normal() + (i % dimensions === group ? 6 : 0);
  });
  return { values, count, dimensions };
}

const without = ({ values, count, dimensions }: Points, rows: readonly number[]): Points => {
  const some = Float64Array.from(values);
  for (const row of rows) some.fill(Number.NaN, row * dimensions, (row + 1) * dimensions);
  return { values: some, count, dimensions };
};

const some = fc.record({ seed: fc.nat(1000), count: fc.integer({ min: 30, max: 60 }), lacking: fc.nat(8) });

describe('jointComponents', () => {
  it('gives each cell with a modality a place, weights that sum to 1 and other cells as neighbours', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ seed, count, lacking }) => {
        const missing = Array.from({ length: lacking }, (_, i) => i);
        const [first, second] = [points(count, 6, seed), points(count, 4, seed + 1)];
        const nowhere = missing.slice(0, 2);
        const pair = [without(first, missing), without(second, nowhere)] as const;
        const { points: joint, weights, rows, neighbours, weighted } = await jointComponents(pair, [1, 1]);
        expect(weighted).toBe(true);
        expect([...finiteRows(joint)]).toEqual([...rows]);
        expect(rows).toHaveLength(count - nowhere.length);
        for (const row of rows) expect(weights[2 * row] + weights[2 * row + 1]).toBeCloseTo(1);
        for (const row of nowhere) expect([...weights.subarray(2 * row, 2 * row + 2)]).toEqual([0, 0]);
        for (const row of missing.slice(2)) expect(weights[2 * row]).toBe(0);
        for (let place = 0; place < neighbours.count; place++) {
          const own = [...neighbours.indices.subarray(place * neighbours.k, (place + 1) * neighbours.k)];
          expect(new Set(own).size).toBe(neighbours.k);
          expect(own).not.toContain(place);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('finds the same neighbours whatever the order of cells', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ seed, count }) => {
        const pair = [points(count, 6, seed), points(count, 4, seed + 1)] as const;
        const order = randomStream(seed, 'order').shuffle(Int32Array.from({ length: count }, (_, i) => i));
        const straight = await jointComponents(pair, [1, 1]);
        const shuffled = await jointComponents([takeRows(pair[0], order), takeRows(pair[1], order)], [1, 1]);
        const { k } = straight.neighbours;
        order.forEach((cell, place) => {
          const of = (found: typeof straight, row: number) => [
            ...found.neighbours.indices.subarray(row * k, (row + 1) * k),
          ];
          expect(of(shuffled, place).map((other) => order[other])).toEqual(of(straight, cell));
        });
      }),
      { numRuns: 10 },
    );
  });

  it('takes one trusted modality as it is, and only where every cell has it', async () => {
    const [first, second] = [points(40, 6, 1), points(40, 4, 2)];
    const alone = await jointComponents([first, second], [1, 0]);
    expect(alone.weighted).toBe(false);
    expect(alone.neighbours.k).toBe(15);
    const mosaic = await jointComponents([without(first, [3]), second], [1, 0]);
    expect(mosaic.weighted).toBe(true);
    expect([...mosaic.weights.subarray(6, 8)]).toEqual([0, 1]);
  });
});

describe('besideEmbedding', () => {
  it('adds its share of variance, and nothing at weight 0', () => {
    const pair = [without(points(40, 6, 1), [0, 5]), points(40, 4, 2)] as const;
    const embedding = without(points(40, 8, 3), [7]);
    expect(besideEmbedding(pair, embedding, 0)).toBe(pair);
    const [first, second] = besideEmbedding(pair, embedding, 0.5);
    expect([first.dimensions, second.dimensions]).toEqual([14, 12]);
    expect([...finiteRows(first)]).toEqual([...finiteRows(pair[0])]);
    const variance = ({ values, count, dimensions }: Points, from: number, to: number) => {
      let sum = 0;
      for (let row = 0; row < count; row++)
        for (let d = from; d < to; d++) sum += values[row * dimensions + d] ** 2 / count;
      return sum;
    };
    expect(variance(second, 0, 4)).toBeCloseTo(1, 10);
    expect(variance(second, 4, 12)).toBeCloseTo(0.25, 10);
  });
});

describe('missing rows', () => {
  it('go to the mean, or stay NaN', () => {
    const given = without({ values: Float64Array.of(1, 2, 9, 9, 3, 6), count: 3, dimensions: 2 }, [1]);
    expect([...meanWhereMissing(given).values]).toEqual([1, 2, 2, 4, 3, 6]);
    const spread = amongAll(takeRows(given, [0, 2]), Int32Array.of(0, 2), 3);
    expect([...spread.values]).toEqual([1, 2, Number.NaN, Number.NaN, 3, 6]);
  });
});

describe('spectralComponents', () => {
  it('shrinks coordinates by what a walk forgets, the slowest first', async () => {
    const { neighbours } = await jointComponents([points(60, 6, 4), points(60, 4, 5)], [1, 1]);
    const graph = pairsOf(neighbours);
    const [equal, walked] = [0, 3].map((steps) => spectralComponents(graph, { components: 5, steps }));
    const length = ({ values, dimensions }: Points, d: number) =>
      Math.hypot(...values.filter((_, i) => i % dimensions === d));
    const kept = Array.from({ length: 5 }, (_, d) => length(walked, d) / length(equal, d));
    expect(length(equal, 4)).toBeCloseTo(1, 6);
    expect(kept[0]).toBeLessThanOrEqual(1);
    for (let d = 1; d < 5; d++) expect(kept[d]).toBeLessThanOrEqual(kept[d - 1] + 1e-9);
    expect(kept[4]).toBeLessThan(kept[0]);
  });
});
