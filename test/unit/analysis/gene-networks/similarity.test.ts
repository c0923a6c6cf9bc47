/** @file Similarities that programs are made of: embeddings without what all genes share, loadings, co-expression. */

import { describe, expect, it } from 'vitest';
import { loadingsSimilarity } from '../../../../src/analysis/gene-networks/loadings.ts';
import { cosineSimilarity, embeddingSimilarity } from '../../../../src/analysis/gene-networks/similarity.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { randomStream } from '../../../../src/support/random.ts';

describe('embeddings', () => {
  const random = randomStream(1, 'embeddings');
  const [count, dimensions] = [12, 6];
  const values = Float32Array.from({ length: count * dimensions }, () => random.normal());

  it('are alike whatever all genes share', () => {
    const shifted = values.map((value, i) => value + 10 * ((i % dimensions) + 1));
    const plain = embeddingSimilarity({ values, count, dimensions });
    const moved = embeddingSimilarity({ values: shifted, count, dimensions });
    moved.values.forEach((value, i) => {
      expect(value).toBeCloseTo(plain.values[i], 4);
    });
    const raw = cosineSimilarity({ values: shifted, count, dimensions });
    expect(Math.min(...raw.values)).toBeGreaterThan(0.9);
  });
});

describe('loadings', () => {
  it('join genes that vary together, and part those that vary against each other', async () => {
    const random = randomStream(2, 'cells');
    const [cells, genes] = [120, 6];
    // Genes 0 and 1 follow one factor, 2 and 3 its opposite, 4 and 5 another.
    const dense = Array.from({ length: cells }, () => {
      const [one, two] = [random.uniform(), random.uniform()];
      return [one, one, 1 - one, 1 - one, two, two].map((value) => 2 + value + 0.05 * random.normal());
    });
    const matrix = new CsrMatrix([cells, genes], {
      indptr: Float64Array.from({ length: cells + 1 }, (_, i) => genes * i),
      indices: Int32Array.from({ length: cells * genes }, (_, i) => i % genes),
      values: Float32Array.from(dense.flat()),
    });
    const { values } = await loadingsSimilarity(matrix);
    const alike = (a: number, b: number) => values[a * genes + b];
    for (const [a, b] of [
      [0, 1],
      [2, 3],
      [4, 5],
    ]) {
      expect(alike(a, b)).toBeGreaterThan(0.95);
    }
    expect(alike(0, 2)).toBeLessThan(-0.9);
    expect(Math.abs(alike(0, 4))).toBeLessThan(0.3);
  });
});
