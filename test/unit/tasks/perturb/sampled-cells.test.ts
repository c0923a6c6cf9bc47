/** @file Cells as a predicted change makes them: the mean is as predicted, values are of real cells, zeros are kept. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { predictedSpread, sampleCells, shiftOf } from '../../../../src/tasks/perturb/sampled-cells.ts';

describe('shiftOf', () => {
  it('has the mean that is asked for, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 6, noNaN: true }),
        (expressed, value, target) => {
          const mean = expressed * value;
          const { kept, begun, factor } = shiftOf(mean, expressed, target);
          const share = expressed * kept + (1 - expressed) * begun;
          expect(share).toBeLessThanOrEqual(1 + 1e-9);
          expect(share * factor * value).toBeCloseTo(target, 9);
        },
      ),
    );
  });

  it('leaves genes that no control cell expresses as they are', () => {
    expect(shiftOf(0, 0, 2)).toEqual({ kept: 1, begun: 0, factor: 1 });
  });
});

/** 40 cells of three genes: one in half of them, one in a quarter, one in none. */
const cells = ((): CsrMatrix => {
  const rows = Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? 1 + (i % 3) : 0, i % 4 === 0 ? 2 : 0, 0]);
  const entries = rows.map((row) => row.flatMap((value, gene) => (value > 0 ? [[gene, value]] : [])));
  const indptr = new Float64Array(41);
  entries.forEach((row, i) => {
    indptr[i + 1] = indptr[i] + row.length;
  });
  const flat = entries.flat();
  return new CsrMatrix([40, 3], {
    indptr,
    indices: Int32Array.from(flat, ([gene]) => gene),
    values: Float32Array.from(flat, ([, value]) => value),
  });
})();
const controls = { logged: cells, context: new Int32Array(40) };
const control = Float64Array.of(39 / 40, 0.5, 0);

describe('sampled cells', () => {
  it('have the predicted mean and spread, and zeros', async () => {
    const change = Float64Array.of(-0.4, 0.6, 0);
    const drawn = await sampleCells(controls, 0, { control, change }, 4000, { seed: 1, name: 'a' });
    const { indices, values } = await drawn.rows(0, 4000);
    const spread = await predictedSpread(controls, 0, control, change);
    for (const gene of [0, 1]) {
      const own = [...values.keys()].filter((i) => indices[i] === gene).map((i) => Number(values[i]));
      const mean = own.reduce((sum, value) => sum + value, 0) / 4000;
      const square = own.reduce((sum, value) => sum + value * value, 0) / 4000;
      expect(mean).toBeCloseTo(control[gene] + change[gene], 1);
      expect(Math.sqrt(square - mean * mean)).toBeCloseTo(spread.deviation[gene], 1);
      expect(own.length / 4000).toBeCloseTo(spread.expressed[gene], 1);
      expect(own.length).toBeLessThan(4000);
    }
  });

  it('are the control cells where nothing changes, and the same for the same seed', async () => {
    const still = { control, change: new Float64Array(3) };
    const key = { seed: 1, name: 'a' };
    const drawn = await sampleCells(controls, 0, still, 40, key);
    expect(await drawn.rows(0, 40)).toEqual(await cells.rows(0, 40));
    const change = { control, change: Float64Array.of(-0.4, 0.6, 0) };
    expect(await (await sampleCells(controls, 0, change, 40, key)).rows(0, 40)).toEqual(
      await (await sampleCells(controls, 0, change, 40, key)).rows(0, 40),
    );
  });
});
