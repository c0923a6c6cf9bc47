/** @file Average silhouette widths against scib, labels that are skipped, and cells that are left out. */

import { describe, expect, it } from 'vitest';
import { aswBatch, aswLabel } from '../../../../src/analysis/metrics/silhouette.ts';
import { takeRows } from '../../../../src/analysis/points.ts';
import { batches, edgeCase, embedding, groupingBy, kinds, labels, results } from './stored.ts';

describe.each(kinds)('on the %s embedding', (kind) => {
  it('aswLabel equals scib', async () => {
    expect(await aswLabel(embedding(kind), labels)).toBeCloseTo(results[kind].ASW_label, 9);
  });

  it('aswBatch equals scib', async () => {
    expect(await aswBatch(embedding(kind), batches, labels)).toBeCloseTo(results[kind].ASW_batch, 9);
  });
});

describe('at the limits', () => {
  it('a label of one cell has width 0', async () => {
    const rare = groupingBy('edge/labels_with_singleton');
    expect(await aswLabel(embedding('mixed'), rare)).toBeCloseTo(
      edgeCase('ASW label with a label of one cell'),
      9,
    );
  });

  it('one label gives 0.5', async () => {
    const one = { name: 'one', codes: new Int32Array(400), groups: ['a'] };
    expect(await aswLabel(embedding('mixed'), one)).toBe(
      edgeCase('ASW label, only one label (scib-metrics)'),
    );
  });

  it('a label in a single batch is skipped', async () => {
    const rare = groupingBy('edge/batch_rare_single');
    expect(await aswBatch(embedding('mixed'), rare, labels)).toBeCloseTo(
      edgeCase('ASW batch when one label is in a single batch (that label is skipped)'),
      9,
    );
  });

  it('one batch, or a batch for each cell, gives NaN', async () => {
    const one = { name: 'one', codes: new Int32Array(400), groups: ['a'] };
    const each = { name: 'each', codes: one.codes.map((_, cell) => cell), groups: Array(400).fill('') };
    expect(await aswBatch(embedding('mixed'), one, labels)).toBeNaN();
    expect(await aswBatch(embedding('mixed'), each, labels)).toBeNaN();
  });

  it('cells without a group count as if they were not there', async () => {
    const kept = Int32Array.from({ length: 350 }, (_, cell) => cell);
    const points = embedding('mixed');
    const some = (codes: Int32Array) => codes.map((code, cell) => (cell < 350 ? code : -1));
    const few = { ...labels, codes: labels.codes.slice(0, 350) };
    expect(await aswLabel(points, { ...labels, codes: some(labels.codes) })).toBeCloseTo(
      await aswLabel(takeRows(points, kept), few),
      12,
    );
    expect(await aswBatch(points, { ...batches, codes: some(batches.codes) }, labels)).toBeCloseTo(
      await aswBatch(takeRows(points, kept), { ...batches, codes: batches.codes.slice(0, 350) }, few),
      12,
    );
  });
});
