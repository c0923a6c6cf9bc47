/** @file Eigenvalues of dense symmetric matrices, of low rank too. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../../src/analysis/symmetric-eigen.ts';

describe('symmetricEigen', () => {
  it('ends, and rebuilds the matrix, whatever its rank', () => {
    const vector = (size: number) =>
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size });
    const matrix = fc
      .integer({ min: 1, max: 90 })
      .chain((size) =>
        fc.array(vector(size), { minLength: 1, maxLength: 3 }).map((rows) => ({ size, rows })),
      );
    fc.assert(
      fc.property(matrix, ({ size, rows }) => {
        const product = new Float64Array(size * size);
        for (let i = 0; i < size * size; i++)
          product[i] = rows.reduce((sum, row) => sum + row[Math.floor(i / size)] * row[i % size], 0);
        const { values, vectors } = symmetricEigen(product, size);
        const largest = Math.max(...product.map(Math.abs), 1e-300);
        for (let i = 0; i < size * size; i += 7) {
          let sum = 0;
          for (let k = 0; k < size; k++)
            sum += values[k] * vectors[k * size + Math.floor(i / size)] * vectors[k * size + (i % size)];
          expect(Math.abs(sum - product[i])).toBeLessThan(1e-12 * size * largest);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('ends where columns repeat: genes that share one set alone', () => {
    const size = 81;
    const members = Float64Array.from({ length: size }, (_, i) => (i < 40 ? 1 : 0) - 40 / 81);
    const product = Float64Array.from(
      { length: size * size },
      (_, i) => members[Math.floor(i / size)] * members[i % size],
    );
    const { values } = symmetricEigen(product, size);
    expect(values[0]).toBeCloseTo(40 - 1600 / 81, 10);
    expect(Math.abs(values[1])).toBeLessThan(1e-12);
  });
});
