/** @file PCA against scanpy and scikit-learn, its eigensolvers against their definition, and data with few cells. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leadingEigen } from '../../../src/analysis/leading-eigen.ts';
import { pca, pcaWithin } from '../../../src/analysis/pca.ts';
import { symmetricEigen } from '../../../src/analysis/symmetric-eigen.ts';
import { randomStream } from '../../../src/support/random.ts';
import { golden } from '../single-cell/golden.ts';
import { matrixOf } from './rows.ts';

const classical = golden('classical');
const [cells, genes] = classical.shape('X');

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** A symmetric matrix with given eigenvalues, by random reflections. */
function symmetricWith(values: number[], seed: number): Float64Array {
  const size = values.length;
  const random = randomStream(seed, 'test');
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = values[i];
  for (let reflection = 0; reflection < 3; reflection++) {
    const v = Float64Array.from({ length: size }, () => random.normal());
    const square = v.reduce((sum, x) => sum + x * x, 0);
    for (const side of [0, 1]) {
      for (let line = 0; line < size; line++) {
        const at = (i: number) => (side === 0 ? i * size + line : line * size + i);
        let dot = 0;
        for (let i = 0; i < size; i++) dot += v[i] * matrix[at(i)];
        for (let i = 0; i < size; i++) matrix[at(i)] -= (2 * dot * v[i]) / square;
      }
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) matrix[i * size + j] = matrix[j * size + i];
  }
  return matrix;
}

/** Largest entry of A v - lambda v over all pairs. */
function largestResidual(
  matrix: Float64Array,
  size: number,
  { values, vectors }: { values: Float64Array; vectors: Float64Array },
): number {
  let largest = 0;
  for (let pair = 0; pair < values.length; pair++) {
    for (let row = 0; row < size; row++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += matrix[row * size + i] * vectors[pair * size + i];
      largest = Math.max(largest, Math.abs(sum - values[pair] * vectors[pair * size + row]));
    }
  }
  return largest;
}

describe('eigensolvers', () => {
  it('find all eigenpairs of a dense matrix, repeated and negative ones too', () => {
    const values = [9, 4, 4, 4, 1, 0, 0, -3];
    const matrix = symmetricWith(values, 1);
    const found = symmetricEigen(matrix, values.length);
    expect(largestDifference(found.values, values)).toBeLessThan(1e-13);
    expect(largestResidual(matrix, values.length, found)).toBeLessThan(1e-13);
  });

  it('take a matrix of one entry, and one that is diagonal already', () => {
    expect([...symmetricEigen(Float64Array.of(5), 1).values]).toEqual([5]);
    expect([...symmetricEigen(Float64Array.of(1, 0, 0, 7), 2).values]).toEqual([7, 1]);
  });

  it('find the largest eigenpairs of a large matrix, though the last lie close', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i < 5 ? 100 / (i + 1) : 3 * 0.995 ** i));
    const matrix = symmetricWith(values, 2);
    const found = leadingEigen(matrix, 400, 30);
    expect(largestDifference(found.values, values.slice(0, 30))).toBeLessThan(1e-10);
    expect(largestResidual(matrix, 400, found)).toBeLessThan(1e-9);
  });

  it('find repeated eigenvalues of a large matrix', () => {
    const values = Array.from({ length: 300 }, (_, i) => (i < 3 ? 8 : i < 10 ? 2 : 0));
    const found = leadingEigen(symmetricWith(values, 3), 300, 12);
    expect(largestDifference(found.values, values.slice(0, 12))).toBeLessThan(1e-12);
  });
});

describe('pca', () => {
  it('equals the exact decomposition, signs included', async () => {
    const found = await pca(matrixOf(classical.f32('X'), cells, genes), 20);
    expect(largestDifference(found.scores.values, classical.f64('pca/X_pca_float64'))).toBeLessThan(1e-8);
    expect(largestDifference(found.variances, classical.f64('pca/variance'))).toBeLessThan(1e-4);
    expect(largestDifference(found.varianceShares, classical.f64('pca/variance_ratio'))).toBeLessThan(1e-6);
    expect(largestDifference(found.means, classical.f64('pca/mean'))).toBeLessThan(1e-6);
    expect(found.loadings.shape).toEqual([genes, 20]);
    expect(largestDifference(found.loadings.values, classical.f32('pca/PCs'))).toBeLessThan(1e-3);
  });

  it('equals what scanpy computes in float32', async () => {
    const found = await pca(matrixOf(classical.f32('X'), cells, genes), 20);
    expect(largestDifference(found.scores.values, classical.f32('pca/X_pca'))).toBeLessThan(1e-3);
  });

  it('gives as many components as few cells allow', async () => {
    const found = await pca(matrixOf(classical.f32('X').slice(0, 4 * genes), 4, genes));
    expect(found.scores.shape).toEqual([4, 3]);
    expect(found.varianceShares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
  });

  it('leaves out directions in which cells do not differ', async () => {
    const found = await pca(matrixOf(Float64Array.of(1, 2, 0, 3, 6, 0, 5, 10, 0, 7, 14, 0), 4, 3));
    expect(found.scores.shape).toEqual([4, 1]);
    expect(found.loadings.values[1]).toBeCloseTo(2 / Math.sqrt(5), 12);
  });

  it('gives the same bytes twice, whatever cells come first for the loadings', async () => {
    const values = classical.f32('X');
    const once = await pca(matrixOf(values, cells, genes), 10);
    const twice = await pca(matrixOf(values, cells, genes), 10);
    expect(twice.scores.values).toEqual(once.scores.values);
    const reversed = Float32Array.from(
      values,
      (_, i) => values[(cells - 1 - Math.floor(i / genes)) * genes + (i % genes)],
    );
    const other = await pca(matrixOf(reversed, cells, genes), 10);
    expect(largestDifference(other.loadings.values, once.loadings.values)).toBeLessThan(1e-10);
  });

  it.each([
    ['one cell', Float64Array.of(1, 2), 1, 2, 'too_few_cells'],
    ['no genes', new Float64Array(0), 3, 0, 'too_few_cells'],
    ['equal cells', Float64Array.of(0.1, 0.7, 0.1, 0.7, 0.1, 0.7), 3, 2, 'no_variance'],
    ['cells of zeros', new Float64Array(6), 3, 2, 'no_variance'],
    ['too many genes', new Float64Array(0), 3, 8001, 'too_many_genes'],
  ])('refuses %s', async (_, values, rows, columns, reason) => {
    await expect(pca(matrixOf(values, rows, columns))).rejects.toMatchObject({ reason });
  });

  it('refuses a number of components that is none', async () => {
    await expect(pca(matrixOf(new Float64Array(4), 2, 2), 0)).rejects.toMatchObject({
      reason: 'component_count',
    });
  });
});

describe('pcaWithin', () => {
  const values = classical.f32('X');
  const names = ['a', 'b', 'c'];
  const few = 12;
  /** The first genes of some cells, in float64. */
  const small = (count: number) =>
    Float64Array.from({ length: count * few }, (_, i) => values[Math.floor(i / few) * genes + (i % few)]);

  it('is plain PCA where there is one group', async () => {
    const matrix = matrixOf(values, cells, genes);
    const plain = await pca(matrix, 15);
    const within = await pcaWithin(matrix, { codes: new Int32Array(cells), groups: ['all'] }, 15);
    expect(within).toEqual(plain);
  });

  it('does not see what is added to all cells of a group', async () => {
    const count = 60;
    const given = small(count);
    const code = fc.integer({ min: 0, max: names.length - 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(code, { minLength: count, maxLength: count }),
        fc.array(fc.double({ min: 0, max: 5, noNaN: true }), {
          minLength: names.length * few,
          maxLength: names.length * few,
        }),
        async (codes, shifts) => {
          const groups = { codes: Int32Array.from(codes), groups: names };
          const shifted = given.map(
            (value, i) => value + shifts[codes[Math.floor(i / few)] * few + (i % few)],
          );
          const before = await pcaWithin(matrixOf(given, count, few), groups, 3);
          const after = await pcaWithin(matrixOf(shifted, count, few), groups, 3);
          expect(largestDifference(after.variances, before.variances)).toBeLessThan(1e-9);
          expect(largestDifference(productsOf(after.scores), productsOf(before.scores))).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives scores that sum to 0 in every group and spread as the variances say', async () => {
    const codes = Int32Array.from({ length: cells }, (_, cell) => (cell % 7) % names.length);
    const { scores, variances } = await pcaWithin(
      matrixOf(values, cells, genes),
      { codes, groups: names },
      5,
    );
    for (let component = 0; component < 5; component++) {
      const sums = names.map(() => 0);
      let squares = 0;
      for (let cell = 0; cell < cells; cell++) {
        const score = Number(scores.values[cell * 5 + component]);
        sums[codes[cell]] += score;
        squares += score * score;
      }
      for (const sum of sums) expect(Math.abs(sum)).toBeLessThan(1e-9);
      expect(squares / (cells - 1)).toBeCloseTo(variances[component], 9);
    }
  });

  it('gives means of groups as they are, zeros where a group has no cell', async () => {
    const matrix = matrixOf(Float64Array.of(1, 2, 3, 6, 5, 1), 3, 2);
    const { means } = await pcaWithin(matrix, { codes: Int32Array.of(0, 0, 2), groups: names });
    expect([...means]).toEqual([2, 4, 0, 0, 5, 1]);
  });

  it('refuses cells that do not differ within their groups', async () => {
    const matrix = matrixOf(Float64Array.of(1, 2, 1, 2, 5, 1, 5, 1), 4, 2);
    await expect(
      pcaWithin(matrix, { codes: Int32Array.of(0, 0, 1, 1), groups: names }),
    ).rejects.toMatchObject({ reason: 'no_variance' });
  });

  /** Inner products of all cells: what scores say whatever the signs of components. */
  function productsOf({
    values: scores,
    shape: [count, width],
  }: {
    values: ArrayLike<number>;
    shape: readonly number[];
  }) {
    const products = new Float64Array(count * count);
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        for (let i = 0; i < width; i++)
          products[a * count + b] += scores[a * width + i] * scores[b * width + i];
      }
    }
    return products;
  }
});
