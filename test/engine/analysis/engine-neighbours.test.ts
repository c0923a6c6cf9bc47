/** @file Neighbours found on the engine against those found plainly: equal to the last bit, whatever the points. */

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { exactNeighbours, searchOnDevice } from '../../../src/analysis/engine-neighbours.ts';
import { nearestReferences } from '../../../src/analysis/label-transfer.ts';
import { type Metric, nearestNeighbours } from '../../../src/analysis/neighbours.ts';
import type { Points } from '../../../src/analysis/points.ts';
import { type Device, openDevice } from '../../../src/runtime/device.ts';
import { randomStream } from '../../../src/support/random.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

let cpu: Device;
beforeAll(async () => {
  cpu = await openDevice({ device: 'cpu', threads: 2 });
});

/** How the entries of points are drawn: what rounding and ties make of each differs. */
const kinds: Record<string, (normal: number) => number> = {
  spread: (normal) => normal,
  'far from the origin': (normal) => 1000 + normal,
  'close together': (normal) => 1 + 1e-6 * normal,
  'on a grid, with many ties': (normal) => Math.round(normal),
  'large, beyond float32': (normal) => 1e25 * normal,
};

function draw(name: string, count: number, dimensions: number, kind: string): Points {
  const random = randomStream(7, name);
  const values = Float64Array.from({ length: count * dimensions }, () => kinds[kind](random.normal()));
  for (let row = 0; row < count; row++) if (values[row * dimensions] === 0) values[row * dimensions] = 1;
  return { values, count, dimensions };
}

const metrics: readonly Metric[] = ['euclidean', 'cosine'];

describe.each(metrics)('exactNeighbours by %s distance', (metric) => {
  it.each(Object.keys(kinds))('equals comparing all pairs: %s', async (kind) => {
    const reference = draw('reference', 2100, 5, kind);
    const query = draw('query', 2000, 5, kind);
    const plain = await nearestReferences(reference, query, 7, undefined, metric);
    expect(await exactNeighbours(cpu, reference, query, 7, metric)).toEqual(plain);
    const self = await nearestNeighbours(reference, 7, metric);
    expect(await exactNeighbours(cpu, reference, reference, 7, metric)).toEqual(self);
  });
});

describe('searchOnDevice', () => {
  it('equals comparing all pairs, of any number of points, dimensions and neighbours', async () => {
    const sets = fc.record({
      name: fc.string(),
      references: fc.integer({ min: 2, max: 120 }),
      queries: fc.integer({ min: 1, max: 40 }),
      dimensions: fc.integer({ min: 1, max: 40 }),
      wanted: fc.integer({ min: 1, max: 40 }),
      kind: fc.constantFrom(...Object.keys(kinds)),
    });
    await fc.assert(
      fc.asyncProperty(sets, async ({ name, references, queries, dimensions, wanted, kind }) => {
        const reference = draw(name, references, dimensions, kind);
        const query = draw(`${name} query`, queries, dimensions, kind);
        const k = Math.min(wanted, references - 1);
        const found = await searchOnDevice(cpu, reference, query, k);
        const plain = await nearestReferences(reference, query, k);
        expect(found.indices).toEqual(plain.indices);
        expect(found.squared.map(Math.sqrt)).toEqual(plain.distances);
        const others = await searchOnDevice(cpu, reference, reference, k);
        expect(others.indices).toEqual((await nearestNeighbours(reference, k)).indices);
      }),
      { numRuns: 30 },
    );
  });

  it('finds points that all coincide', async () => {
    const points = { values: new Float64Array(90).fill(3), count: 30, dimensions: 3 };
    const { indices, squared } = await searchOnDevice(cpu, points, points, 2);
    expect([...indices.subarray(0, 6)]).toEqual([1, 2, 0, 2, 0, 1]);
    expect(squared.every((square) => square === 0)).toBe(true);
  });
});

describe('exactNeighbours', () => {
  it('does not search on the device where few points are compared', async () => {
    const none: Device = { name: 'cpu', load: () => Promise.reject(new Error('asked')) };
    const few = draw('few', 50, 3, 'spread');
    expect(await exactNeighbours(none, few, few, 3)).toEqual(await nearestNeighbours(few, 3));
    const many = draw('many', 2001, 3, 'spread');
    await expect(exactNeighbours(none, many, many, 3)).rejects.toThrow('asked');
  });

  it('equals comparing all pairs where the device rounds coarsely', async () => {
    const coarse: Device = { ...cpu, name: 'cuda' }; // whose rounding is allowed for: most points are compared with all
    const points = draw('points', 2100, 20, 'spread');
    expect(await exactNeighbours(coarse, points, points, 5)).toEqual(await nearestNeighbours(points, 5));
  });

  it('refuses what cannot be searched', async () => {
    const points = draw('points', 2100, 2, 'spread');
    const others = draw('others', 2100, 3, 'spread');
    for (const k of [0, 1.5, 2100]) {
      await expect(exactNeighbours(cpu, points, points, k)).rejects.toMatchObject({
        reason: 'neighbour_count',
      });
    }
    await expect(exactNeighbours(cpu, points, others, 3)).rejects.toMatchObject({ reason: 'dimensions' });
    others.values[5] = Number.NaN;
    await expect(exactNeighbours(cpu, others, others, 3)).rejects.toMatchObject({ reason: 'not_finite' });
    points.values.fill(0, 0, 2);
    await expect(exactNeighbours(cpu, points, points, 3, 'cosine')).rejects.toMatchObject({
      reason: 'zero_vector',
    });
  });

  it('reports progress and stops when told', async () => {
    const points = draw('points', 2100, 2, 'spread');
    const done: number[] = [];
    await exactNeighbours(cpu, points, points, 3, 'euclidean', {
      onProgress: (progress) => done.push(progress.done),
    });
    expect(done.at(-1)).toBe(2100);
    const signal = AbortSignal.abort();
    await expect(exactNeighbours(cpu, points, points, 3, 'euclidean', { signal })).rejects.toThrow('stopped');
  });
});
