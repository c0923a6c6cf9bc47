import { describe, expect, it } from 'vitest';
import { type UniformDraw, ValueBinner } from '../../../../src/single-cell/binning.ts';
import { binned } from '../../../../src/single-cell/preprocess/binned.ts';
import { cellKey } from '../../../../src/single-cell/tokens/cell-key.ts';
import { keyedDraws } from '../../../../src/single-cell/tokens/draws.ts';
import { golden } from '../golden.ts';
import { csrMatrix, denseMatrix, denseRows } from './in-memory.ts';

const fixture = golden<unknown>('preprocess');
const logged = csrMatrix(
  [374, 371],
  fixture.i32('log1p/X_log1p.indptr'),
  fixture.i32('log1p/X_log1p.indices'),
  fixture.f32('log1p/X_log1p.data'),
);

describe('binned', () => {
  it('bins normalised, logged cells as the reference, given its draws', async () => {
    const draws = fixture.f64('binning/u');
    let next = 0;
    const recorded: UniformDraw = () => draws[next++];
    const binner = new ValueBinner(51, 'random');
    const edges = fixture.f64('binning/bin_edges');
    const expected = fixture.i32('binning/X_binned');
    const bins = binned(logged, binner, () => recorded);
    for (let cell = 0; cell < 40; cell++) {
      const [row] = await denseRows({ ...bins, shape: [1, 371], rows: () => bins.rows(cell, cell + 1) });
      expect(row).toEqual([...expected.subarray(cell * 371, (cell + 1) * 371)]);
      expect([0, ...binner.edges]).toEqual([...edges.subarray(cell * 51, (cell + 1) * 51)]);
    }
    expect(next).toBe(draws.length);
  });

  it('gives the same bins whatever rows are read together', async () => {
    const drawsOf = (row: { indices: Int32Array; values: ArrayLike<number> }) =>
      keyedDraws(4, cellKey(row.indices, row.values)).uniform;
    const bins = binned(logged, new ValueBinner(51, 'random'), drawsOf);
    expect(await denseRows(bins, 374)).toEqual(await denseRows(bins, 13));
  });

  it('leaves cells of zeros at zero', async () => {
    const bins = binned(
      denseMatrix([
        [0, 0, 0],
        [1, 2, 3],
      ]),
      new ValueBinner(5, 'left'),
    );
    expect(await denseRows(bins)).toEqual([
      [0, 0, 0],
      [1, 2, 4],
    ]);
    expect(await denseRows(binned(denseMatrix([[0, 0]]), new ValueBinner(51, 'left')))).toEqual([[0, 0]]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the value %s', async (value) => {
    const bins = binned(denseMatrix([[1], [value]]), new ValueBinner(51, 'left'));
    await expect(bins.rows(0, 2)).rejects.toThrow(/row 1, column 0/);
    await expect(bins.rows(0, 1)).resolves.toBeDefined();
  });
});
