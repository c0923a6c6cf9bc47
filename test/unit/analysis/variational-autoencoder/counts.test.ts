/** @file Counts for the autoencoder: read, rounded and told, refused, and made dense again. */

import { describe, expect, it } from 'vitest';
import { denseCounts, readCounts } from '../../../../src/analysis/variational-autoencoder/counts.ts';
import { CancelledError, InputError } from '../../../../src/support/errors.ts';
import { matrixOf } from '../rows.ts';

describe('readCounts', () => {
  it('rounds fractional values and tells how many', async () => {
    const counts = await readCounts(matrixOf(Float32Array.of(1.4, 0, 2, 0.2, 0.6, 0), 2, 3));
    expect(counts.rounded).toBe(3);
    expect(counts.cells.map(({ total }) => total)).toEqual([3, 1]);
    expect(denseCounts(counts, Int32Array.of(1, 0))).toEqual({
      dtype: 'float32',
      shape: [2, 1, 3],
      data: Float32Array.of(0, 1, 0, 1, 0, 2),
    });
  });

  it('leaves whole numbers as they are, over many blocks', async () => {
    const values = Float64Array.from({ length: 600 * 4 }, (_, i) => (i % 5 === 0 ? 0 : i % 7));
    const counts = await readCounts(matrixOf(values, 600, 4));
    expect(counts.rounded).toBe(0);
    const all = denseCounts(
      counts,
      Int32Array.from({ length: 600 }, (_, i) => i),
    );
    expect(all.data).toEqual(Float32Array.from(values));
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d, naming its place', async (value) => {
    const matrix = matrixOf(Float32Array.of(1, 2, value, 3), 2, 2);
    await expect(readCounts(matrix)).rejects.toThrow(InputError);
    await expect(readCounts(matrix)).rejects.toThrow('row 1, column 0');
  });

  it('stops when asked to', async () => {
    const signal = AbortSignal.abort();
    await expect(readCounts(matrixOf(Float32Array.of(1), 1, 1), { signal })).rejects.toThrow(CancelledError);
  });
});
