/** @file Mixing without labels: against scib-metrics, and that it asks for no more than it needs. */

import { describe, expect, it } from 'vitest';
import { batchMixing } from '../../../../src/analysis/metrics/batch-mixing.ts';
import { takeRows } from '../../../../src/analysis/points.ts';
import { batches, embedding, kinds, results, unintegrated } from './stored.ts';

describe('batchMixing', () => {
  it.each(kinds)('equals scib-metrics on the %s embedding', async (kind) => {
    const found = await batchMixing(embedding(kind), batches, { unintegrated: unintegrated() });
    expect(found.iLisi).toBeCloseTo(results[kind].iLISI, 6);
    expect(found.kBet).toBe(results[kind].kBET_acceptance);
    expect(found.pcrComparison).toBeCloseTo(results[kind].PCR_comparison, 8);
  });

  it('compares with nothing that it was not given', async () => {
    expect(Object.keys(await batchMixing(embedding('mixed'), batches))).toEqual(['iLisi', 'kBet']);
  });

  it('has no scores of a single batch, and takes fewer neighbours where there are fewer cells', async () => {
    const one = { name: 'one', codes: new Int32Array(400), groups: ['a'] };
    expect(await batchMixing(embedding('mixed'), one, { unintegrated: unintegrated() })).toEqual({
      iLisi: Number.NaN,
      kBet: Number.NaN,
      pcrComparison: Number.NaN,
    });
    const few = takeRows(
      embedding('mixed'),
      Int32Array.from({ length: 30 }, (_, cell) => cell),
    );
    const found = await batchMixing(few, { ...batches, codes: batches.codes.slice(0, 30) });
    expect(found.iLisi).toBeGreaterThan(0);
    expect(found.kBet).toBe(1); // every cell's neighbours are all cells
  });

  it('refuses cells without a batch, stops when told', async () => {
    const some = { ...batches, codes: batches.codes.with(3, -1) };
    await expect(batchMixing(embedding('mixed'), some)).rejects.toMatchObject({ reason: 'missing_group' });
    const signal = AbortSignal.abort();
    await expect(batchMixing(embedding('mixed'), batches, { signal })).rejects.toThrow('stopped');
  });
});
