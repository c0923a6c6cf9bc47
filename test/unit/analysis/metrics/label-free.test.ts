/** @file The label-free score: its parts by definition, and that it prefers what is integrated to what is not or is lost. */

import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import { labelFreeScore } from '../../../../src/analysis/metrics/label-free.ts';
import { type Points, takeRows } from '../../../../src/analysis/points.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { batches, embedding, results } from './stored.ts';

/** Cells of four types and two batches of equal cells, batches `shift` apart. */
function twoBatches(shift: number): { points: Points; batch: Grouping } {
  const random = randomStream(2, 'label-free');
  const values = new Float64Array(400 * 4);
  for (let cell = 0; cell < 400; cell++) {
    for (let i = 0; i < 4; i++) {
      const ofType = Math.floor(cell / 2) % 4 === i ? 6 : 0;
      values[cell * 4 + i] = ofType + random.normal() + (i === 0 ? shift * (cell % 2) : 0);
    }
  }
  const codes = Int32Array.from({ length: 400 }, (_, cell) => cell % 2);
  return {
    points: { values, count: 400, dimensions: 4 },
    batch: { name: 'batch', codes, groups: ['a', 'b'] },
  };
}

function noise(): Points {
  const random = randomStream(3, 'noise');
  return { values: Float64Array.from({ length: 1600 }, () => random.normal()), count: 400, dimensions: 4 };
}

describe('labelFreeScore', () => {
  it('is the mean of iLISI and of neighbours kept, all of them by the reference itself', async () => {
    const points = embedding('not_mixed');
    const found = await labelFreeScore(points, points, batches);
    expect(found.mixing).toBeCloseTo(results.not_mixed.iLISI, 6);
    expect(found.kept).toBe(1);
    expect(found.score).toBe((found.mixing + 1) / 2);
  });

  it('does not see what moves whole batches, but for the mixing', async () => {
    const { points, batch } = twoBatches(20);
    const moved = await labelFreeScore(twoBatches(0).points, points, batch);
    expect(moved.kept).toBeGreaterThan(0.999); // the shift costs some digits
    expect(moved.mixing).toBeGreaterThan(0.8);
  });

  it('prefers integrated cells to separate ones and to mixed noise', async () => {
    const { points: reference, batch } = twoBatches(20);
    const integrated = await labelFreeScore(twoBatches(0).points, reference, batch);
    const separate = await labelFreeScore(reference, reference, batch);
    const lost = await labelFreeScore(noise(), reference, batch);
    expect(separate).toMatchObject({ kept: 1 });
    expect(separate.mixing).toBeLessThan(0.01);
    expect(lost.mixing).toBeGreaterThan(0.8);
    expect(lost.kept).toBeLessThan(0.2);
    expect(integrated.score).toBeGreaterThan(separate.score + 0.3);
    expect(integrated.score).toBeGreaterThan(lost.score + 0.3);
  });

  it('counts small batches for mixing only, and has no score of one batch or of small ones alone', async () => {
    const points = embedding('mixed');
    const codes = Int32Array.from({ length: 400 }, (_, cell) => (cell < 16 ? 0 : 1));
    const small: Grouping = { name: 'batch', codes, groups: ['small', 'large'] };
    const large = takeRows(
      points,
      Int32Array.from({ length: 384 }, (_, i) => i + 16),
    );
    const reference = embedding('not_mixed');
    const ofLarge = await labelFreeScore(
      large,
      takeRows(
        reference,
        Int32Array.from({ length: 384 }, (_, i) => i + 16),
      ),
      {
        ...small,
        codes: codes.slice(16),
      },
    );
    expect((await labelFreeScore(points, reference, small)).kept).toBe(ofLarge.kept);
    expect(ofLarge.mixing).toBeNaN();
    const rows = Int32Array.from({ length: 16 }, (_, i) => i);
    const few = await labelFreeScore(takeRows(points, rows), takeRows(reference, rows), {
      ...small,
      codes: rows.map((i) => i % 2),
    });
    expect(few.kept).toBeNaN();
  });

  it('refuses other cells, and cells without a batch', async () => {
    const points = embedding('mixed');
    await expect(labelFreeScore(points, takeRows(points, [0, 1]), batches)).rejects.toMatchObject({
      reason: 'cells_differ',
    });
    const some = { ...batches, codes: batches.codes.with(3, -1) };
    await expect(labelFreeScore(points, points, some)).rejects.toMatchObject({ reason: 'missing_group' });
  });
});
