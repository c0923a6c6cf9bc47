/** @file Quick scores: silhouettes against scikit-learn, neighbour scores against their definitions and limits. */

import { describe, expect, it } from 'vitest';
import { sampleCells } from '../../../src/analysis/cell-sample.ts';
import { type Grouping, groupingOf } from '../../../src/analysis/groups.ts';
import { neighbourAgreement, neighbourMixing } from '../../../src/analysis/neighbour-scores.ts';
import { neighbourhoodOf } from '../../../src/analysis/neighbourhood.ts';
import { nearestNeighbours } from '../../../src/analysis/neighbours.ts';
import { quickScores } from '../../../src/analysis/quick-scores.ts';
import { silhouetteWidths } from '../../../src/analysis/silhouette.ts';
import { categorical } from '../../../src/single-cell/data-frame.ts';
import { randomStream } from '../../../src/support/random.ts';
import { golden } from '../single-cell/golden.ts';

interface Case {
  readonly parameters: { readonly labels: string[]; readonly batches: string[] };
  readonly results: Record<'mixed' | 'not_mixed', { readonly ASW_label_unscaled: number }>;
}

const metrics = golden<Case>('integration-metrics');
const labels: Grouping = {
  name: 'label',
  codes: metrics.i32('labels'),
  groups: metrics.about.parameters.labels,
};
const batches: Grouping = {
  name: 'batch',
  codes: metrics.i32('batch'),
  groups: metrics.about.parameters.batches,
};
const names = Array.from({ length: 400 }, (_, i) => `cell ${i}`);
const embedding = (kind: string) => ({ values: metrics.f64(`${kind}/X`), count: 400, dimensions: 10 });

describe('silhouetteWidths', () => {
  it.each(['mixed', 'not_mixed'] as const)('equals scikit-learn on the %s embedding', async (kind) => {
    const [widths, ofBatches] = await silhouetteWidths(embedding(kind), [labels, batches]);
    const expected = metrics.f64(`${kind}/silhouette_label`);
    widths.forEach((width, cell) => {
      expect(Math.abs(width - expected[cell])).toBeLessThan(1e-9);
    });
    const mean = widths.reduce((sum, width) => sum + width, 0) / 400;
    expect(mean).toBeCloseTo(metrics.about.results[kind].ASW_label_unscaled, 9);
    expect(ofBatches).not.toEqual(widths);
  });

  it('is 0 for a cell alone in its group, as in scikit-learn', async () => {
    const codes = metrics.i32('edge/labels_with_singleton');
    const groups = [...new Set(codes)].map(String);
    const [widths] = await silhouetteWidths(embedding('mixed'), [{ name: 'x', codes, groups }]);
    expect(widths[0]).toBe(0);
  });

  it('is NaN without a group, 0 with one group, 0 among equal cells', async () => {
    const points = { values: Float64Array.of(0, 1, 2), count: 3, dimensions: 1 };
    const [widths] = await silhouetteWidths(points, [
      { name: 'x', codes: Int32Array.of(0, 0, -1), groups: ['a'] },
    ]);
    expect([...widths]).toEqual([0, 0, Number.NaN]);
    const equal = { values: new Float64Array(4), count: 4, dimensions: 1 };
    const two = { name: 'x', codes: Int32Array.of(0, 0, 1, 1), groups: ['a', 'b'] };
    expect([...(await silhouetteWidths(equal, [two]))[0]]).toEqual([0, 0, 0, 0]);
  });
});

describe('neighbour scores', () => {
  it('count by hand', async () => {
    const points = { values: Float64Array.of(0, 1, 2.1, 10, 11, 12.1), count: 6, dimensions: 1 };
    const neighbours = await nearestNeighbours(points, 2);
    const codes = Int32Array.of(0, 0, 1, 1, 1, 1); // the third cell is the odd one among its neighbours
    const found = neighbourAgreement(neighbours, codes, 2);
    // cells 0 and 1 have neighbours {1, 2} and {0, 2}: a tie, the nearer decides
    expect(found).toEqual({
      accuracy: 5 / 6,
      meanOverGroups: (1 + 3 / 4) / 2,
      largestGroup: 4 / 6,
      cells: 6,
    });
    // others: 1 of 2 for cells 0 and 1, 2 of 2 for cell 2; expected 4/5 for the first group, 2/5 for the second
    expect(neighbourMixing(neighbours, codes, 2)).toBeCloseTo(4 / (4 * 0.8 + 8 * 0.4), 12);
  });

  it('find groups apart and groups mixed', async () => {
    const random = randomStream(1, 'test');
    const values = Float64Array.from({ length: 2000 }, () => random.normal());
    const points = { values, count: 1000, dimensions: 2 };
    const codes = Int32Array.from({ length: 1000 }, () => random.integer(2));
    const mixed = await nearestNeighbours(points, 15);
    expect(neighbourMixing(mixed, codes, 2)).toBeCloseTo(1, 1);
    expect(neighbourAgreement(mixed, codes, 2).accuracy).toBeCloseTo(0.5, 1);
    const moved = values.map((value, i) => value + 100 * codes[Math.floor(i / 2)]);
    const apart = await nearestNeighbours({ ...points, values: moved }, 15);
    expect(neighbourMixing(apart, codes, 2)).toBe(0);
    expect(neighbourAgreement(apart, codes, 2).accuracy).toBe(1);
  });

  it('leave cells without a group out', async () => {
    const points = { values: Float64Array.of(0, 1, 2, 3), count: 4, dimensions: 1 };
    const neighbours = await nearestNeighbours(points, 1);
    const found = neighbourAgreement(neighbours, Int32Array.of(0, -1, -1, 0), 1);
    expect(found).toMatchObject({ accuracy: 0, cells: 2 }); // their only neighbour has no vote
    expect(neighbourAgreement(neighbours, new Int32Array(4).fill(-1), 1).accuracy).toBeNaN();
    expect(neighbourMixing(neighbours, new Int32Array(4), 1)).toBeNaN();
  });
});

describe('quickScores', () => {
  it('tell a well mixed embedding from one by batch', async () => {
    const score = async (kind: string) =>
      quickScores(await neighbourhoodOf(embedding(kind)), [labels, batches], names);
    const [mixedLabel, mixedBatch] = await score('mixed');
    const [, apartBatch] = await score('not_mixed');
    expect(mixedLabel).toMatchObject({ name: 'label', groups: 5, k: 15, silhouetteCells: 400 });
    expect(mixedLabel.silhouette).toBeCloseTo(metrics.about.results.mixed.ASW_label_unscaled, 9);
    expect(mixedLabel.agreement.accuracy).toBeGreaterThan(0.9);
    expect(mixedBatch.mixing).toBeGreaterThan(apartBatch.mixing + 0.2);
    expect(apartBatch.agreement.accuracy).toBeGreaterThan(mixedBatch.agreement.accuracy + 0.2);
  });

  it('do not depend on the order of cells, sampled or not', async () => {
    const points = embedding('mixed');
    const order = randomStream(5, 'order').shuffle(Int32Array.from(names, (_, i) => i));
    const shuffled = {
      ...points,
      values: Float64Array.from(
        { length: 4000 },
        (_, i) => points.values[order[Math.floor(i / 10)] * 10 + (i % 10)],
      ),
    };
    const given = await quickScores(await neighbourhoodOf(points), [labels], names, { sample: 100 });
    const again = await quickScores(
      await neighbourhoodOf(shuffled),
      [{ ...labels, codes: labels.codes.map((_, i) => labels.codes[order[i]]) }],
      Array.from(order, (i) => names[i]),
      { sample: 100 },
    );
    expect(again[0].silhouetteCells).toBe(100);
    expect(again[0].agreement).toEqual(given[0].agreement);
    expect(again[0].silhouette).toBeCloseTo(given[0].silhouette, 12);
  });

  it('leave out cells without a place and groupings without two groups', async () => {
    const points = embedding('mixed');
    points.values.fill(Number.NaN, 0, 10);
    const one: Grouping = { name: 'one', codes: new Int32Array(400), groups: ['a'] };
    const scores = await quickScores(await neighbourhoodOf(points), [one, labels], names);
    expect(scores.map(({ name }) => name)).toEqual(['label']);
    expect(scores[0].agreement.cells).toBe(399);
    const single = { values: Float64Array.of(1), count: 1, dimensions: 1 };
    expect(await quickScores(await neighbourhoodOf(single), [one], ['a'])).toEqual([]);
  });
});

describe('groupingOf', () => {
  it('keeps the order of categories and leaves empty ones out', () => {
    const column = {
      kind: 'categorical',
      codes: Int32Array.of(2, -1, 0),
      categories: ['z', 'y', 'a'],
      ordered: true,
    } as const;
    expect(groupingOf('x', column)).toEqual({
      name: 'x',
      codes: Int32Array.of(1, -1, 0),
      groups: ['z', 'a'],
    });
  });

  it('takes text and truth values', () => {
    expect(groupingOf('x', { kind: 'string', values: ['b', null, 'a'] }).codes).toEqual(
      Int32Array.of(1, -1, 0),
    );
    expect(groupingOf('x', { kind: 'boolean', values: Uint8Array.of(1, 0) }).groups).toEqual([
      'False',
      'True',
    ]);
    expect(groupingOf('x', categorical(['b', 'a'])).groups).toEqual(['a', 'b']);
  });
});

describe('sampleCells', () => {
  it('chooses by name and seed', () => {
    const chosen = sampleCells(names, 50, 0);
    expect(chosen).toHaveLength(50);
    expect([...chosen]).toEqual([...chosen].sort((a, b) => a - b));
    const reversed = [...names].reverse();
    expect(Array.from(sampleCells(reversed, 50, 0), (i) => reversed[i]).sort()).toEqual(
      Array.from(chosen, (i) => names[i]).sort(),
    );
    expect(sampleCells(names, 50, 1)).not.toEqual(chosen);
    expect(sampleCells(names, 400, 0)).toHaveLength(400);
  });
});
