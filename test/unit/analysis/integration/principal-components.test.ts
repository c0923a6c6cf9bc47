/** @file Principal components of plain, scaled and unit-length expression against their definitions. */

import { describe, expect, it } from 'vitest';
import {
  directionPca,
  plainPca,
  scaledPca,
} from '../../../../src/analysis/integration/principal-components.ts';
import { pca } from '../../../../src/analysis/pca.ts';
import { inMemory } from '../../../../src/single-cell/in-memory.ts';
import { golden } from '../../single-cell/golden.ts';
import { matrixOf } from '../rows.ts';
import { storedCells } from './stored-cells.ts';

const classical = golden('classical');
const X = Float64Array.from(classical.f32('X'));
const [cells, genes] = [300, 220];

function expectNear(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const largest = Array.from(found).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - expected[i])),
    0,
  );
  expect(largest).toBeLessThan(tolerance);
}

describe('principal components', () => {
  it('of plain values are scikit-learn’s', async () => {
    const { points, method } = await plainPca(await storedCells());
    const stored = classical.f64('pca/X_pca_float64');
    const expected = Float64Array.from(points.values, (_, i) => stored[Math.floor(i / 15) * 20 + (i % 15)]);
    expectNear(points.values, expected, 1e-8);
    expect(method).toBe('stored values, 15 principal components of genes, not scaled');
  });

  it('of scaled genes are those of the scaled, clipped, dense matrix', async () => {
    const values = X.map((value, i) => (i % genes === 0 && i !== 5 * genes ? 0 : value)); // a gene of one cell
    const scaled = values.slice();
    for (let gene = 0; gene < genes; gene++) {
      const column = Array.from({ length: cells }, (_, cell) => values[cell * genes + gene]);
      const mean = column.reduce((sum, value) => sum + value) / cells;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (cells - 1);
      column.forEach((value, cell) => {
        scaled[cell * genes + gene] = Math.min(10, Math.max(-10, (value - mean) / Math.sqrt(variance)));
      });
    }
    expect(scaled.some((value) => value === 10)).toBe(true);
    const expected = await pca(matrixOf(scaled, cells, genes), 15);
    const cells300 = await storedCells();
    const logged = await inMemory(matrixOf(values, cells, genes));
    const { points } = await scaledPca({ ...cells300, expression: { ...cells300.expression, logged } });
    expectNear(points.values, expected.scores.values, 1e-9);
  });

  it('of directions are those of cells of unit length', async () => {
    const unit = X.slice();
    for (let cell = 0; cell < cells; cell++) {
      const row = unit.subarray(cell * genes, (cell + 1) * genes);
      const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      for (let gene = 0; gene < genes; gene++) row[gene] /= length;
    }
    const expected = await pca(matrixOf(unit, cells, genes), 15);
    expectNear((await directionPca(await storedCells())).points.values, expected.scores.values, 1e-9);
  });
});
