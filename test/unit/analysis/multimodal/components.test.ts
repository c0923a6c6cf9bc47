/** @file Components of modalities, how far they are trusted, and joint coordinates, on data made so that it is known. */

import { describe, expect, it } from 'vitest';
import { centredLogRatio } from '../../../../src/analysis/multimodal/centred-log-ratio.ts';
import { chosenFeatures } from '../../../../src/analysis/multimodal/chosen-features.ts';
import { modalityComponents } from '../../../../src/analysis/multimodal/components.ts';
import { matrixOf } from '../../../../src/analysis/multimodal/dense-matrix.ts';
import { jointComponents } from '../../../../src/analysis/multimodal/joint-components.ts';
import { tfIdf } from '../../../../src/analysis/multimodal/latent-semantics.ts';
import { modalityTrust } from '../../../../src/analysis/multimodal/modality-trust.ts';
import { ridge } from '../../../../src/analysis/multimodal/ridge.ts';
import type { Points } from '../../../../src/analysis/points.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { randomStream } from '../../../../src/support/random.ts';

const random = randomStream(7, 'made data');
const cells = 120;

/** Values of features that differ between three groups of cells by `signal`. */
function grouped(features: number, signal: number): CsrMatrix {
  const values = Float64Array.from({ length: cells * features }, (_, i) => {
    const group = Math.floor(i / features) % 3;
    const shift = (i % features) % 3 === group ? signal : 0;
    return Math.max(0, 6 + shift + random.normal());
  });
  return matrixOf({ values, count: cells, dimensions: features });
}

const dense = async (matrix: CsrMatrix): Promise<number[]> => {
  const [rows, columns] = matrix.shape;
  const block = await matrix.rows(0, rows);
  const all = new Array<number>(rows * columns).fill(0);
  for (let row = 0; row < rows; row++) {
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
      all[row * columns + block.indices[i]] = block.values[i];
    }
  }
  return all;
};

const counts = new CsrMatrix([3, 3], {
  indptr: Float64Array.of(0, 2, 3, 3),
  indices: Int32Array.of(0, 2, 2),
  values: Float32Array.of(1, 3, 2),
});

describe('values of modalities', () => {
  it('weighs peaks by rarity; a cell without counts stays empty', async () => {
    const expected = [
      Math.log1p((1e4 * 1 * 3) / 4),
      0,
      Math.log1p((1e4 * 3 * 1.5) / 4),
      0,
      0,
      Math.log1p(1e4 * 1.5),
    ];
    const found = await dense(await tfIdf(counts));
    expected.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 10);
    });
    expect(found.slice(6)).toEqual([0, 0, 0]);
  });

  it('centres log-ratios in each cell', async () => {
    const { values } = await centredLogRatio(counts);
    const mean = (Math.log(2) + Math.log(4)) / 3;
    [Math.log(2) - mean, -mean, Math.log(4) - mean].forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 12);
    });
    expect([...values.subarray(6)]).toEqual([0, 0, 0]);
  });

  it('refuses counts below zero, naming the place', async () => {
    const negative = new CsrMatrix([1, 2], {
      indptr: Float64Array.of(0, 1),
      indices: Int32Array.of(1),
      values: Float32Array.of(-1),
    });
    await expect(centredLogRatio(negative)).rejects.toThrow(/row 0, column 1/);
    await expect(chosenFeatures(negative, 1, 'accessibility')).rejects.toThrow(/-1/);
  });

  it('chooses features by presence or by how much presence varies', async () => {
    const seen = [10, 5, 3, 2]; // of 10 cells
    const entries = Array.from({ length: 10 }, (_, cell) => seen.flatMap((n, j) => (cell < n ? [j] : [])));
    const matrix = new CsrMatrix([10, 4], {
      indptr: Float64Array.from({ length: 11 }, (_, i) => entries.slice(0, i).flat().length),
      indices: Int32Array.from(entries.flat()),
      values: new Float32Array(entries.flat().length).fill(1),
    });
    expect([...(await chosenFeatures(matrix, 2, 'accessibility'))]).toEqual([0, 1]);
    expect([...(await chosenFeatures(matrix, 2, 'variability'))]).toEqual([1, 2]);
    expect([...(await chosenFeatures(matrix, 9, 'variability'))]).toEqual([0, 1, 2]);
  });
});

describe('trust', () => {
  const judged = async (name: string, values: CsrMatrix) => ({
    name,
    values,
    points: await modalityComponents('genes', values),
    componentsOf: (some: CsrMatrix) => modalityComponents('genes', some),
  });

  it('leaves out noise, and keeps what agrees', async () => {
    const strong = await judged('rna', grouped(60, 3));
    const noise = await judged('atac', grouped(60, 0));
    const [rna, atac] = await modalityTrust([strong, noise], { seed: 0 });
    expect([rna.trust, atac.trust]).toEqual([1, 0]);
    expect(rna.reproducibility).toBeGreaterThan(0.2);
    expect(atac.explainsOther).toBeLessThanOrEqual(0);
    const [, second] = await modalityTrust([strong, await judged('protein', grouped(60, 2))], { seed: 0 });
    expect(second.trust).toBe(1);
    expect(second.explainsOther).toBeGreaterThan(0);
  });

  it('gives the trusted modality alone where the other has no say', async () => {
    const { points } = await judged('rna', grouped(60, 3));
    const { points: noise } = await judged('atac', grouped(60, 0));
    const alone = await jointComponents([points, noise], [1, 0]);
    expect(alone.points.values).toEqual(Float64Array.from(points.values));
    expect(alone.weighted).toBe(false);
    expect([...alone.weights.subarray(0, 2)]).toEqual([1, 0]);
    const both = await jointComponents([points, noise], [1, 1]);
    expect(both.points.dimensions).toBe(15);
    expect(both.points.values.every(Number.isFinite)).toBe(true);
  });
});

describe('ridge', () => {
  it('finds a linear rule and its mean', () => {
    const from: Points = {
      values: Float64Array.from({ length: 200 }, () => random.normal()),
      count: 100,
      dimensions: 2,
    };
    const to: Points = {
      values: Float64Array.from(
        { length: 100 },
        (_, i) => 3 + 2 * from.values[2 * i] - from.values[2 * i + 1],
      ),
      count: 100,
      dimensions: 1,
    };
    const { values } = ridge(
      from,
      to,
    )({ values: Float64Array.of(0, 0, 1, 0, 0, 1), count: 3, dimensions: 2 });
    [3, 5, 2].forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 2);
    });
  });
});
