/** @file Genes inside cells against the reference: token rows of every layer, and products of queries and keys. */

import { describe, expect, it } from 'vitest';
import { createGeneReader, type GeneReading } from '../../../src/model/gene-reader.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';
import { type ModelCase, readCase } from './fixture.ts';

needsNativeRuntime();

/** The case's cells without padding, with the places of their tokens. */
function cellsOf(fixture: ModelCase) {
  const [genes, values, valid] = ['in/src', 'in/values', 'valid'].map(fixture.tensor);
  const [cells, tokens] = genes.shape;
  return Array.from({ length: cells }, (_, cell) => {
    const places = Array.from({ length: tokens }, (_, token) => token).filter(
      (token) => Number(valid.data[cell * tokens + token]) === 1,
    );
    const at = ({ data }: Tensor) => places.map((token) => Number(data[cell * tokens + token]));
    return { cell, places, genes: Int32Array.from(at(genes)), values: Float32Array.from(at(values)) };
  });
}

/** What the reference has for a cell's real tokens. */
function expectedOf({ shape, data }: Tensor, cell: number, places: readonly number[]): number[] {
  if (shape.length === 3) {
    const [, tokens, width] = shape;
    return places.flatMap((token) =>
      Array.from({ length: width }, (_, i) => Number(data[(cell * tokens + token) * width + i])),
    );
  }
  const [, heads, tokens] = shape;
  return Array.from({ length: heads }, (_, head) =>
    places.flatMap((row) =>
      places.map((column) => Number(data[((cell * heads + head) * tokens + row) * tokens + column])),
    ),
  ).flat();
}

describe('reading genes', () => {
  const tensors: Readonly<Record<GeneReading, string>> = { states: 'output', attention: 'qk' };
  it.each([1, 2, 3].flatMap((layer) => [['states', layer] as const, ['attention', layer] as const]))(
    'gives the reference’s %s of layer %i, cell by cell',
    async (reading, layer) => {
      const fixture = await readCase('encode');
      const device = await openDevice({ device: 'cpu', threads: 1 });
      const reader = await createGeneReader(device, fixture.config, fixture.state, { reading, layer });
      const name = `layer.${layer - 1}.${tensors[reading]}`;
      expect(reader.width).toBe(reading === 'states' ? 32 : 4);
      for (const { cell, places, ...tokens } of cellsOf(fixture)) {
        const actual = await reader.read(tokens);
        const expected = expectedOf(fixture.tensor(`out/${name}`), cell, places);
        expect(actual).toHaveLength(expected.length);
        const distance = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i])), 0);
        expect(distance, `cell ${cell}`).toBeLessThanOrEqual(fixture.tolerance(name));
      }
      await reader.dispose();
    },
  );

  it.each([0, 4, 1.5])('refuses layer %s of three', async (layer) => {
    const { config, state } = await readCase('encode');
    const device = await openDevice({ device: 'cpu', threads: 1 });
    await expect(createGeneReader(device, config, state, { reading: 'states', layer })).rejects.toThrow(
      'the layers of this model',
    );
  });
});
