/** @file Corrected expression of made cells, whose truth is known. */

import { describe, expect, it } from 'vitest';
import { correctedExpression } from '../../../../src/analysis/integration/corrected-expression.ts';
import { openDevice } from '../../../../src/runtime/device.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { CancelledError } from '../../../../src/support/errors.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { needsNativeRuntime } from '../../need.ts';

needsNativeRuntime();

const genes = 5;

/** Cells of a kind and a batch each: kinds are 4 apart in gene 0 and in the embedding, batches 2 in gene 1. */
function made(all: readonly { readonly kind: number; readonly batch: number }[]) {
  const random = randomStream(3, 'made cells');
  const noise = Float32Array.from({ length: all.length * genes }, () => random.uniform());
  const values = noise.map((value, i) => {
    const { kind, batch } = all[Math.floor(i / genes)];
    return 1 + value + (i % genes === 0 ? 4 * kind : 0) + (i % genes === 1 ? 2 * batch : 0);
  });
  const places = Float64Array.from({ length: all.length * 2 }, (_, i) =>
    i % 2 === 0 ? 4 * all[i >> 1].kind + 0.3 * random.uniform() : 0.3 * random.uniform(),
  );
  return {
    values,
    points: { values: places, count: all.length, dimensions: 2 },
    logged: new CsrMatrix([all.length, genes], {
      indptr: Float64Array.from({ length: all.length + 1 }, (_, row) => row * genes),
      indices: Int32Array.from(values, (_, i) => i % genes),
      values,
    }),
    batch: {
      name: 'batch',
      codes: Int32Array.from(all, ({ batch }) => batch),
      groups: ['a', 'b', 'c'].slice(0, 1 + Math.max(...all.map(({ batch }) => batch))),
    },
  };
}

const times = (count: number, kind: number, batch: number) =>
  Array.from({ length: count }, () => ({ kind, batch }));
const meanOf = (values: Float32Array, rows: readonly number[], gene: number): number =>
  rows.reduce((sum, row) => sum + values[row * genes + gene], 0) / rows.length;
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('corrected expression', () => {
  it('brings batches together and leaves kinds and what sets single cells apart', async () => {
    const device = await openDevice({ device: 'cpu', threads: 1 });
    const cells = made([...times(60, 0, 0), ...times(60, 1, 0), ...times(30, 0, 1), ...times(90, 1, 1)]);
    const { values, unchanged } = await correctedExpression(device, cells.points, cells.logged, cells.batch);
    expect(unchanged).toHaveLength(0);
    const [t0, b0, t1, b1] = [range(0, 60), range(60, 120), range(120, 150), range(150, 240)];
    expect(meanOf(cells.values, t1, 1) - meanOf(cells.values, t0, 1)).toBeGreaterThan(1.8);
    expect(Math.abs(meanOf(values, t1, 1) - meanOf(values, t0, 1))).toBeLessThan(0.15);
    expect(Math.abs(meanOf(values, b1, 1) - meanOf(values, b0, 1))).toBeLessThan(0.15);
    expect(meanOf(values, b0, 0) - meanOf(values, t0, 0)).toBeCloseTo(4, 0);
    const own = (of: Float32Array) => t0.map((row) => of[row * genes + 3] - meanOf(of, t0, 3));
    const [before, after] = [own(cells.values), own(values)];
    const product = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    const likeness = product(before, after) / Math.sqrt(product(before, before) * product(after, after));
    expect(likeness).toBeGreaterThan(0.9);
  });

  it('does not drag a kind that one batch lacks onto another kind', async () => {
    const device = await openDevice({ device: 'cpu', threads: 1 });
    const cells = made([...times(60, 0, 0), ...times(60, 1, 0), ...times(60, 0, 1)]);
    const { values } = await correctedExpression(device, cells.points, cells.logged, cells.batch);
    const alone = range(60, 120);
    expect(meanOf(values, alone, 0)).toBeCloseTo(meanOf(cells.values, alone, 0), 2);
  });

  it('leaves a cell alone in its batch as it was', async () => {
    const device = await openDevice({ device: 'cpu', threads: 1 });
    const cells = made([...times(20, 0, 0), ...times(20, 0, 1), ...times(1, 0, 2)]);
    const { values, unchanged } = await correctedExpression(device, cells.points, cells.logged, cells.batch);
    expect([...unchanged]).toEqual([40]);
    expect(values.subarray(200)).toEqual(cells.values.subarray(200));
  });

  it('stops when it is told to', async () => {
    const device = await openDevice({ device: 'cpu', threads: 1 });
    const { points, logged, batch } = made([...times(10, 0, 0), ...times(10, 0, 1)]);
    const control = { signal: AbortSignal.abort() };
    await expect(correctedExpression(device, points, logged, batch, control)).rejects.toThrow(CancelledError);
  });
});
