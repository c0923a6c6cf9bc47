/** @file Gene embeddings in cells: means over the cells that express a gene, the same in any order, none lost. */

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDevice } from '../../../src/runtime/device.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { silent } from '../../../src/support/log.ts';
import { contextualEmbeddings, tokenEmbeddings } from '../../../src/tasks/grn/gene-embeddings.ts';
import { geneSpace } from '../../../src/tasks/grn/gene-space.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const demo = fileURLToPath(new URL('../../../demo/pbmc_three_sources.h5ad', import.meta.url));

describe('gene embeddings in cells', () => {
  it('are means over the cells in which a gene is expressed', async () => {
    const model = await openModel();
    const data = await openData(demo);
    try {
      const space = await geneSpace(data, model, { genes: 80 }, silent, {});
      const device = await openDevice({ device: 'cpu', threads: 1 });
      const read = (...cells: number[]) =>
        contextualEmbeddings(device, model, space, { cells: Int32Array.from(cells), seed: 0 });
      const alone = [await read(5), await read(900), await read(2500)];
      const together = await read(5, 900, 2500);
      expect((await read(2500, 5, 900)).cellsOfGene).toEqual(together.cellsOfGene);
      const { dimensions } = together.points;
      let shared = 0;
      for (let gene = 0; gene < space.names.length; gene++) {
        const holding = alone.filter(({ cellsOfGene }) => cellsOfGene[gene] === 1);
        expect(together.cellsOfGene[gene]).toBe(holding.length);
        if (holding.length > 1) shared++;
        for (let i = gene * dimensions; i < (gene + 1) * dimensions; i++) {
          if (holding.length === 0) expect(together.points.values[i]).toBeNaN();
          else {
            const mean = holding.reduce((sum, { points }) => sum + points.values[i] / holding.length, 0);
            expect(together.points.values[i]).toBeCloseTo(mean, 5);
          }
        }
      }
      expect(shared).toBeGreaterThan(5);

      // A gene counts as expressed by the data, not by the model.
      const expressed = await space.logged.rows(900, 901);
      expect([...alone[1].cellsOfGene.keys()].filter((gene) => alone[1].cellsOfGene[gene] > 0)).toEqual([
        ...expressed.indices,
      ]);

      const tokens = await tokenEmbeddings(device, model, space.tokens);
      expect(tokens).toMatchObject({ count: space.names.length, dimensions });
      const twice = await tokenEmbeddings(device, model, Int32Array.of(space.tokens[3], space.tokens[3]));
      expect(twice.values.subarray(0, dimensions)).toEqual(twice.values.subarray(dimensions));
      expect(twice.values.subarray(dimensions)).toEqual(
        tokens.values.subarray(3 * dimensions, 4 * dimensions),
      );
    } finally {
      await data.close();
    }
  });
});
