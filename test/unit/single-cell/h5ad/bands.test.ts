/** @file Rows of a matrix stored by columns come out right however small the memory budget is. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowBands } from '../../../../src/single-cell/encoding/row-bands.ts';
import type { CompressedArrays } from '../../../../src/single-cell/encoding/sparse.ts';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import { writeH5ad } from '../../../../src/single-cell/h5ad/write.ts';
import { readsColumns } from '../../../../src/single-cell/matrix.ts';
import { fixtures, matrixContent } from './content.ts';

/** Column arrays in memory that count how many entries are asked for at most. */
function columnArrays(dense: readonly (readonly number[])[], columns: number) {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (let column = 0; column < columns; column++) {
    for (const [row, entries] of dense.entries()) {
      if (entries[column] === 0) continue;
      indices.push(row);
      values.push(entries[column]);
    }
    indptr.push(indices.length);
  }
  const arrays = {
    majorCount: columns,
    minorCount: dense.length,
    passes: 0,
    indptr: async () => Float64Array.from(indptr),
    minorIndices: async (from: number, to: number) => Int32Array.from(indices.slice(from, to)),
    entries: async (from: number, to: number) => {
      if (to > from) arrays.passes++;
      return {
        indices: Int32Array.from(indices.slice(from, to)),
        values: Float32Array.from(values.slice(from, to)),
      };
    },
  };
  return arrays;
}

const table = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(fc.nat(3), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

describe('RowBands', () => {
  it('gives the rows of the transposed matrix, for any budget and any order of asking', async () => {
    const property = fc.asyncProperty(
      table,
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(7)),
      async (dense, budget, order) => {
        const bands = new RowBands(
          columnArrays(dense, dense[0].length) as unknown as CompressedArrays,
          budget,
        );
        for (const start of order.filter((row) => row < dense.length)) {
          const block = await bands.rows(start, dense.length);
          const out = dense.slice(start).map((row) => row.map(() => 0));
          for (let row = 0; row < block.rowCount; row++) {
            for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++)
              out[row][block.indices[i]] = block.values[i];
          }
          expect(out).toEqual(dense.slice(start));
        }
      },
    );
    await fc.assert(property);
  });

  it('reads the file once a band when rows are asked for in order', async () => {
    const dense = Array.from({ length: 30 }, (_, row) => [row + 1, 1, 0, 2]); // 3 entries a row
    const arrays = columnArrays(dense, 4);
    const bands = new RowBands(arrays as unknown as CompressedArrays, 15);
    for (let row = 0; row < 30; row++) await bands.rows(row, row + 1);
    expect(arrays.passes).toBe(6);
    await bands.rows(0, 30);
    expect(arrays.passes).toBe(12);
  });
});

describe('a matrix stored by columns', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'h5ad-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('can be read by columns, and is written by columns', async () => {
    const data = await openH5ad(`${fixtures}good/layers.h5ad`);
    const layer = [...data.layers.values()].find(readsColumns)!;
    const block = await layer.columns(2, 4);
    expect([block.rowCount, block.columnCount]).toEqual([2, 12]);
    const path = join(folder, 'columns.h5ad');
    await writeH5ad(data, path);
    const again = await openH5ad(path);
    for (const [name, matrix] of data.layers) {
      expect(await matrixContent(again.layers.get(name)!)).toEqual(await matrixContent(matrix));
    }
    await data.close();
    await again.close();
  });
});
