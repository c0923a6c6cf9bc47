/** @file Scanorama and MNN correction: batches mix, labels stay apart, shifts are undone, and batches with no partner. */

import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import { batchLinks } from '../../../../src/analysis/integration/batch-links.ts';
import { mnnCorrection } from '../../../../src/analysis/integration/mnn-correction.ts';
import { directionPca } from '../../../../src/analysis/integration/principal-components.ts';
import { scanorama } from '../../../../src/analysis/integration/scanorama.ts';
import { scanoramaPairs } from '../../../../src/analysis/integration/scanorama-pairs.ts';
import { smoothShift } from '../../../../src/analysis/integration/smooth-shift.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { ownShare, storedBatch, storedCells, storedLabels } from './stored-cells.ts';

const methods = { scanorama, mnnCorrection };

describe.each(Object.entries(methods))('%s', (_, integrate) => {
  it('mixes batches and keeps labels apart', async () => {
    const cells = await storedCells();
    const before = (await directionPca(cells)).points;
    const { points, method } = await integrate(cells);
    expect(await ownShare(before, storedBatch)).toBeGreaterThan(0.7);
    expect(await ownShare(points, storedBatch)).toBeLessThan(0.55);
    expect(await ownShare(points, storedLabels)).toBeGreaterThan(await ownShare(before, storedLabels));
    expect(method).toContain('stored values, 15 principal components of cells of unit length, ');
    expect((await integrate(cells)).points.values).toEqual(points.values);
  });

  it('leaves one batch as it was', async () => {
    const cells = await storedCells({ name: 'batch', codes: new Int32Array(300), groups: ['all'] });
    const { points } = await integrate(cells);
    expect(points.values).toEqual((await directionPca(cells)).points.values);
  });

  it('takes a batch of one cell', async () => {
    const codes = storedBatch.codes.map((_code, cell) => (cell === 7 ? 1 : 0));
    const { points } = await integrate(await storedCells({ ...storedBatch, codes, groups: ['a', 'b'] }));
    expect(points.values.every(Number.isFinite)).toBe(true);
  });

  it('refuses cells without a batch, and stops when told', async () => {
    const codes = storedBatch.codes.map((code, cell) => (cell === 7 ? -1 : code));
    const missing = await storedCells({ ...storedBatch, codes });
    await expect(integrate(missing)).rejects.toMatchObject({ reason: 'missing_group' });
    await expect(integrate(await storedCells(), { signal: AbortSignal.abort() })).rejects.toThrow('stopped');
  });
});

describe('parts of Scanorama', () => {
  /** Two batches of the same places, the second shifted; every pair is of equal cells. */
  function shifted(count: number, shift: readonly number[]) {
    const random = randomStream(0, 'test');
    const places = Float64Array.from({ length: count * 2 }, () => random.normal());
    return {
      values: Float64Array.from([...places, ...places.map((value, i) => value + shift[i % 2])]),
      count: 2 * count,
      dimensions: 2,
    };
  }

  it('move cells by the difference of their pairs, those far from all by nothing', async () => {
    const points = shifted(20, [0.5, -0.25]);
    points.values.set([1e3, 1e3], 0);
    const cells = Int32Array.from({ length: 20 }, (_, cell) => cell);
    const from = cells.slice(1); // the first cell has no pair
    const shifts = await smoothShift(points, cells, { from, to: from.map((cell) => cell + 20) });
    expect([...shifts.slice(0, 2)]).toEqual([0, 0]);
    for (const cell of from) {
      expect(shifts[2 * cell]).toBeCloseTo(0.5, 12);
      expect(shifts[2 * cell + 1]).toBeCloseTo(-0.25, 12);
    }
  });

  it('weigh a cell once for each of its pairs', async () => {
    const points = { values: Float64Array.of(0, 0.1, 1, 3, 5), count: 5, dimensions: 1 };
    const matches = { from: Int32Array.of(0, 0, 1), to: Int32Array.of(2, 3, 4) };
    const [weight, other] = [1, Math.exp(-7.5 * 0.01)];
    const [shift] = await smoothShift(points, Int32Array.of(0), matches);
    expect(shift).toBeCloseTo((weight * (1 + 3) + other * 4.9) / (2 * weight + other), 12);
  });

  it('pair cells among all earlier and all later batches, by Manhattan distance', async () => {
    const random = randomStream(1, 'test');
    const count = 120;
    const codes = Int32Array.from({ length: count }, () => random.integer(3));
    const points = {
      values: Float64Array.from({ length: 2 * count }, () => random.normal()),
      count,
      dimensions: 2,
    };
    const distance = (a: number, b: number) =>
      Math.abs(points.values[2 * a] - points.values[2 * b]) +
      Math.abs(points.values[2 * a + 1] - points.values[2 * b + 1]);
    const nearest = (cell: number, wanted: (code: number) => boolean) =>
      new Set(
        [...codes.keys()]
          .filter((other) => wanted(codes[other]))
          .sort((a, b) => distance(cell, a) - distance(cell, b))
          .slice(0, 20),
      );
    const expected = [...codes.keys()].flatMap((one) =>
      [...nearest(one, (code) => code > codes[one])]
        .filter((other) => nearest(other, (code) => code < codes[other]).has(one))
        .sort((a, b) => a - b)
        .map((other) => [one, other]),
    );
    const batch: Grouping = { name: 'batch', codes, groups: ['a', 'b', 'c'] };
    const { first, second } = await scanoramaPairs(points, batch);
    expect(Array.from(first, (one, i) => [one, second[i]])).toEqual(expected);
  });

  it('link batches by their pairs, the best matched first', () => {
    const batch: Grouping = {
      name: 'batch',
      codes: Int32Array.of(0, 0, 1, 1, 2, 2),
      groups: ['a', 'b', 'c'],
    };
    const pairs = { first: Int32Array.of(0, 0, 0, 2), second: Int32Array.of(4, 2, 2, 5) };
    pairs.second[2] = 3;
    const links = batchLinks(pairs, batch);
    expect(links.map(({ batches, share }) => [...batches, share])).toEqual([
      [0, 1, 1],
      [0, 2, 0.5],
      [1, 2, 0.5],
    ]);
    expect(links[0].from(1)).toEqual({ from: Int32Array.of(2, 3), to: Int32Array.of(0, 0) });
  });
});
