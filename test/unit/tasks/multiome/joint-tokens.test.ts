/** @file Cells of two modalities as bins. */

import { expect, it } from 'vitest';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { binnedCells, firstOfToken, tokenNames } from '../../../../src/tasks/multiome/joint-tokens.ts';
import type { PreparedModality } from '../../../../src/tasks/multiome/modality.ts';

function modality(kind: PreparedModality['kind'], rows: readonly number[][]): PreparedModality {
  const width = rows[0].length;
  const given = new CsrMatrix([rows.length, width], {
    indptr: Float64Array.from({ length: rows.length + 1 }, (_, row) => row * width),
    indices: Int32Array.from(rows.flat(), (_, i) => i % width),
    values: Float32Array.from(rows.flat()),
  });
  const features = Array.from({ length: width }, (_, j) => `F${j}`);
  const members = Int32Array.from(rows.keys());
  const points = { values: new Float64Array(0), count: 0, dimensions: 0 };
  return { name: kind, kind, members, given, features, values: given, labels: features, points, method: '' };
}

it('sums columns of one token before binning, and leaves out those without', async () => {
  const places = firstOfToken(Int32Array.of(7, 9, 7, -1, 4, 5));
  expect([...places]).toEqual([0, 1, 0, -1, 4, 5]);
  const rna = modality('genes', [[30, 20, 30, 99]]);
  const peaks = modality('peaks', [[3, 0]]);
  const parts = [
    { modality: rna, shown: true, binary: false },
    { modality: peaks, shown: true, binary: true },
  ];
  const { indices, values } = await (await binnedCells(parts, places, 2, 51)).rows(0, 2);
  expect([...indices]).toEqual([0, 1, 4]);
  expect(values[0]).toBeGreaterThan(values[1]); // 60 above 20
  expect(Math.max(...values)).toBeLessThanOrEqual(50);
  expect(values[2]).toBe(1);
});

it('names proteins apart from their genes', () => {
  expect(tokenNames(modality('proteins', [[1, 1]]))).toEqual(['p_F0', 'p_F1']);
  expect(tokenNames(modality('peaks', [[1, 1]]))).toEqual(['F0', 'F1']);
});
