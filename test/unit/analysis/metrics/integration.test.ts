/** @file The integration scores against scib, from the points to the averages, and input that cannot be scored. */

import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import { integrationScores, summarise } from '../../../../src/analysis/metrics/integration.ts';
import { takeRows } from '../../../../src/analysis/points.ts';
import { batches, embedding, kinds, labels, results, unintegrated } from './stored.ts';

describe('summarise', () => {
  it.each(kinds)('equals the averages of the %s embedding', (kind) => {
    const expected = results[kind];
    const { avgBio, avgBatch, overall } = summarise({
      nmi: expected['leiden_1.0'].NMI_arithmetic,
      ari: expected['leiden_1.0'].ARI,
      aswLabel: expected.ASW_label,
      aswBatch: expected.ASW_batch,
      graphConnectivity: expected.graph_connectivity_on_connectivities,
    });
    expect(avgBio).toBeCloseTo(expected.AvgBIO, 9);
    expect(avgBatch).toBeCloseTo(expected.AvgBATCH, 9);
    expect(overall).toBeCloseTo(expected.overall, 9);
  });
});

describe('integrationScores', () => {
  it('equals scib where clusters are clear', async () => {
    const found = await integrationScores(embedding('mixed'), batches, labels);
    const expected = results.mixed;
    expect(found.nmi).toBeCloseTo(expected['leiden_1.0'].NMI_arithmetic, 9);
    expect(found.ari).toBeCloseTo(expected['leiden_1.0'].ARI, 9);
    expect(found.aswLabel).toBeCloseTo(expected.ASW_label, 9);
    expect(found.aswBatch).toBeCloseTo(expected.ASW_batch, 9);
    expect(found.graphConnectivity).toBe(expected.graph_connectivity_on_connectivities);
    expect(found.overall).toBeCloseTo(expected.overall, 9);
  });

  it('takes the best of all resolutions where they are not', async () => {
    const found = await integrationScores(embedding('not_mixed'), batches, labels);
    const expected = results.not_mixed;
    const ofThree = Math.max(expected['leiden_0.3'].NMI_arithmetic, expected['leiden_2.0'].NMI_arithmetic);
    expect(ofThree).toBeGreaterThan(expected['leiden_1.0'].NMI_arithmetic);
    expect(found.nmi).toBeGreaterThan(ofThree - 0.005); // with another seed
    expect(found.nmi).toBeLessThan(ofThree + 0.1);
    expect(found.avgBatch).toBeCloseTo(expected.AvgBATCH, 9);
    expect(found.overall).toBeCloseTo(summarise(found).overall, 12);
  });

  it.each(kinds)('adds the further scores of scib-metrics on the %s embedding', async (kind) => {
    const points = embedding(kind);
    const plain = await integrationScores(points, batches, labels, { leidenSeeds: [0] });
    const more = { unintegrated: unintegrated() };
    const found = await integrationScores(points, batches, labels, { leidenSeeds: [0], more });
    const expected = results[kind];
    expect(found).toMatchObject(plain);
    expect(found.isolatedLabels).toBeCloseTo(expected.isolated_labels, 9);
    expect(found.iLisi).toBeCloseTo(expected.iLISI, 6);
    expect(found.cLisi).toBeCloseTo(expected.cLISI, 6);
    expect(found.kBet).toBeCloseTo(expected.kBET_per_label, 12);
    expect(found.pcrComparison).toBeCloseTo(expected.PCR_comparison, 8);
    const without = await integrationScores(points, batches, labels, { leidenSeeds: [0], more: {} });
    const { pcrComparison, ...others } = found;
    expect(without).toEqual(others);
  });

  it('scores a single batch and few cells, for which some scores are not defined', async () => {
    const few = takeRows(
      embedding('mixed'),
      Int32Array.from({ length: 40 }, (_, cell) => cell),
    );
    const first = ({ name, codes, groups }: Grouping) => ({ name, codes: codes.slice(0, 40), groups });
    const one = { name: 'one', codes: new Int32Array(40), groups: ['a'] };
    const found = await integrationScores(few, one, first(labels), { leidenSeeds: [0], more: {} });
    expect(found).toMatchObject({ aswBatch: Number.NaN, iLisi: Number.NaN, kBet: Number.NaN });
    expect(found.cLisi).toBeGreaterThan(0);
    expect(found.isolatedLabels).toBeCloseTo(found.aswLabel, 0);
    await expect(
      integrationScores(
        takeRows(few, [0, 1]),
        { ...one, codes: one.codes.slice(0, 2) },
        {
          ...labels,
          codes: labels.codes.slice(0, 2),
        },
      ),
    ).rejects.toMatchObject({ reason: 'too_few_cells' });
  });

  it('repeats itself, and averages over seeds', async () => {
    const of = (...leidenSeeds: number[]) =>
      integrationScores(embedding('not_mixed'), batches, labels, { leidenSeeds });
    const [first, second, both] = [await of(3), await of(4), await of(3, 4)];
    expect(await of(3)).toEqual(first);
    expect(both.nmi).toBeCloseTo((first.nmi + second.nmi) / 2, 12);
    expect(both.ari).toBeCloseTo((first.ari + second.ari) / 2, 12);
    expect(both.aswLabel).toBe(first.aswLabel);
  });

  it('reports progress and stops when told', async () => {
    const stages = new Set<string>();
    await integrationScores(embedding('mixed'), batches, labels, {
      leidenSeeds: [0],
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect([...stages]).toEqual(['finding neighbours', 'clustering', 'silhouette widths']);
    const stop = new AbortController();
    const scoring = integrationScores(embedding('mixed'), batches, labels, {
      onProgress: ({ stage }) => stage === 'clustering' && stop.abort(),
      signal: stop.signal,
    });
    await expect(scoring).rejects.toThrow('stopped while clustering');
  });

  it('refuses cells without a value, groupings of other cells, and cells without a place', async () => {
    const some = { ...batches, codes: batches.codes.with(3, -1) };
    await expect(integrationScores(embedding('mixed'), some, labels)).rejects.toMatchObject({
      reason: 'missing_group',
    });
    const few = { ...labels, codes: labels.codes.slice(1) };
    await expect(integrationScores(embedding('mixed'), batches, few)).rejects.toMatchObject({
      reason: 'grouping_length',
    });
    const points = embedding('mixed');
    points.values[7] = Number.NaN;
    await expect(integrationScores(points, batches, labels)).rejects.toMatchObject({ reason: 'not_finite' });
  });
});
