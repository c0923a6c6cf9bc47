/** @file Joint neighbours as matrices of the cells that are written, in their order. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { umapConnectivities } from '../../../../src/analysis/neighbour-graph.ts';
import { nearestNeighbours } from '../../../../src/analysis/neighbours.ts';
import type { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { neighbourMatrices } from '../../../../src/tasks/multiome/neighbour-matrices.ts';

async function entries(matrix: CsrMatrix): Promise<Map<string, number>> {
  const { indptr, indices, values, rowCount } = await matrix.rows(0, matrix.shape[0]);
  const found = new Map<string, number>();
  for (let row = 0; row < rowCount; row++) {
    const columns = indices.subarray(indptr[row], indptr[row + 1]);
    expect([...columns]).toEqual([...columns].sort((a, b) => a - b));
    for (let i = indptr[row]; i < indptr[row + 1]; i++) found.set(`${row},${indices[i]}`, values[i]);
  }
  return found;
}

it('links the same cells wherever they are written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), fc.integer({ min: 8, max: 25 }), async (seed, paired) => {
      const random = randomStream(seed, 'cells');
      const rows = Int32Array.from({ length: paired - 2 }, (_, i) => i + 1); // the first and last have no place
      const values = Float64Array.from({ length: rows.length * 2 }, () => random.normal());
      const neighbours = await nearestNeighbours({ values, count: rows.length, dimensions: 2 }, 3);
      const graph = umapConnectivities(neighbours);
      const order = random.shuffle(Int32Array.from({ length: paired }, (_, i) => i));
      const cells = Int32Array.of(-1, ...order); // a cell of no modality is written first
      const { connectivities, distances } = neighbourMatrices({ graph, neighbours, rows }, cells);
      expect(connectivities.shape).toEqual([paired + 1, paired + 1]);
      const [links, lengths] = [await entries(connectivities), await entries(distances)];
      expect(lengths.size).toBe(rows.length * 3);
      expect(links.size).toBe(graph.indices.length);
      for (const [key, weight] of links) expect(links.get(key.split(',').reverse().join(','))).toBe(weight);
      const writtenAt = (place: number) => cells.indexOf(rows[place]);
      neighbours.indices.forEach((other, i) => {
        const length = lengths.get(`${writtenAt(Math.floor(i / 3))},${writtenAt(other)}`);
        expect(length).toBeCloseTo(neighbours.distances[i], 5);
      });
    }),
    { numRuns: 25 },
  );
});
