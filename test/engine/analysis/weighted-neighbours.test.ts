/** @file Weighted nearest neighbours with candidates found by the engine: the same as those found without. */

import { expect, it } from 'vitest';
import { weightedNeighbours } from '../../../src/analysis/multimodal/weighted-neighbours.ts';
import type { Points } from '../../../src/analysis/points.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import { randomStream } from '../../../src/support/random.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const count = 2100; // fewer are compared without the engine
const random = randomStream(1, 'cells');

function grouped(dimensions: number): Points {
  const values = Float64Array.from(
    { length: count * dimensions },
    (_, i) => random.normal() + (Math.floor(i / dimensions) % 5 === i % dimensions ? 4 : 0),
  );
  return { values, count, dimensions };
}

it('finds the same joint neighbours and weights', async () => {
  const modalities = [grouped(12), grouped(8)] as const;
  const device = await openDevice({ device: 'cpu', threads: 1 });
  const plain = await weightedNeighbours(modalities);
  const found = await weightedNeighbours(modalities, { device });
  expect(found.indices).toEqual(plain.indices);
  expect(found.distances).toEqual(plain.distances);
  expect(found.weights).toEqual(plain.weights);
});
