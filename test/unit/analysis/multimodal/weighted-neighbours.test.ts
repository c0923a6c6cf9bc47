/** @file Weighted nearest neighbours against numbers of the published method. */

import { describe, expect, it } from 'vitest';
import { modalityWidths } from '../../../../src/analysis/multimodal/modality-kernel.ts';
import { weightedNeighbours } from '../../../../src/analysis/multimodal/weighted-neighbours.ts';
import type { Neighbours } from '../../../../src/analysis/neighbours.ts';
import { unitLength } from '../../../../src/analysis/neighbours.ts';
import type { Points } from '../../../../src/analysis/points.ts';
import { ScgptError } from '../../../../src/support/errors.ts';
import { golden } from '../../single-cell/golden.ts';

const stored = golden('classical');
const rna: Points = { values: Float64Array.from(stored.f32('wnn/rna_pcs')), count: 200, dimensions: 15 };
const protein: Points = { values: stored.f64('wnn/protein_pcs'), count: 200, dimensions: 10 };
const joint = () => weightedNeighbours([rna, protein], { k: 20, candidates: 60 });

/** The largest difference. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(expected, (value, i) => Math.abs(value - actual[i])));
}

describe('weightedNeighbours', () => {
  it('weighs modalities cell by cell as published', async () => {
    const { weights } = await joint();
    expect(distance(weights, stored.f64('wnn/exact/weights'))).toBeLessThan(1e-6);
  });

  it('finds the joint neighbours and their distances', async () => {
    const { indices, distances } = await joint();
    expect(distance(distances, stored.f64('wnn/exact/joint_distance'))).toBeLessThan(1e-6);
    expect([...indices]).toEqual([...stored.i32('wnn/exact/joint_neighbours')]);
  });

  it.each(['rna', 'protein'] as const)('sets bandwidths of %s from the neighbours Seurat found', (name) => {
    const points = unitLength(name === 'rna' ? rna : protein);
    const found = stored.i32(`wnn/seurat_neighbours_${name}`); // [200, 20], self first
    const bandwidth = stored.f64('wnn/bandwidth');
    const column = name === 'rna' ? 0 : 1;
    const { values, dimensions } = points;
    const between = (a: number, b: number) =>
      Math.hypot(
        ...Array.from(
          { length: dimensions },
          (_, d) => values[a * dimensions + d] - values[b * dimensions + d],
        ),
      );
    const others = Int32Array.from(
      { length: 200 * 19 },
      (_, i) => found[Math.floor(i / 19) * 20 + (i % 19) + 1],
    );
    const near: Neighbours = {
      count: 200,
      k: 19,
      indices: others,
      distances: Float64Array.from(others, (other, i) => between(Math.floor(i / 19), other)),
    };
    const expected = Float64Array.from({ length: 200 }, (_, cell) => bandwidth[cell * 2 + column]);
    const { bandwidth: actual } = modalityWidths(points, near, 19);
    expect(Math.max(...expected.map((value, i) => Math.abs(actual[i] - value) / value))).toBeLessThan(1e-5);
  });

  it('leaves out a modality without trust', async () => {
    const { weights, indices } = await weightedNeighbours([rna, protein], { k: 5, trust: [1, 0] });
    expect([...weights.filter((_, i) => i % 2 === 0)]).toEqual(Array(200).fill(1));
    const alone = await weightedNeighbours([rna, rna], { k: 5 });
    expect([...indices]).toEqual([...alone.indices]);
  });

  it('compares cells by what they share where modalities are missing', async () => {
    const without = protein.values.slice().fill(Number.NaN, 0, 20 * 10); // 20 cells
    const { weights, indices } = await weightedNeighbours([rna, { ...protein, values: without }]);
    for (let cell = 0; cell < 20; cell++)
      expect([...weights.subarray(cell * 2, cell * 2 + 2)]).toEqual([1, 0]);
    for (let cell = 20; cell < 200; cell++) expect(weights[cell * 2] + weights[cell * 2 + 1]).toBeCloseTo(1);
    expect(indices.some((other) => other < 20)).toBe(true);
    expect([...indices].some((other, i) => other === Math.floor(i / 20))).toBe(false);
  });

  it('refuses modalities of other cells, and too few cells', async () => {
    const part = { ...protein, values: protein.values.subarray(0, 100 * 10), count: 100 };
    await expect(weightedNeighbours([rna, part])).rejects.toThrow(
      /one modality has 200 cells, the other 100/,
    );
    const none = { ...protein, values: protein.values.slice().fill(Number.NaN) };
    await expect(weightedNeighbours([rna, none])).rejects.toThrow(ScgptError);
  });
});
