/** @file The conditions of a batch: of cells by row, of genes by token, a tenth withheld by draws that can be repeated. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import type { TokenRows } from '../../../src/single-cell/tokens/batch.ts';
import type { TrainingCell } from '../../../src/train/cells/training-cells.ts';
import { conditionFeeds } from '../../../src/train/condition-feeds.ts';

const config = modelConfig({
  vocabularySize: 6,
  conditions: [
    { name: 'batch', of: 'cells', values: ['a', 'b'] },
    { name: 'kind', of: 'genes', values: ['p', 'r'] },
  ],
});
const conditions = [
  [
    { name: 'batch', of: 'cells', rows: Int32Array.of(1, 2, 1) },
    { name: 'kind', of: 'genes', rows: Int32Array.of(0, 0, 0, 1, 2, 1) },
  ],
  [
    { name: 'batch', of: 'cells', rows: Int32Array.of(2) },
    { name: 'kind', of: 'genes', rows: new Int32Array(6) },
  ],
] as const;

const cell = (source: number, row: number): TrainingCell => ({
  genes: new Int32Array(0),
  values: new Float32Array(0),
  name: '',
  source,
  row,
  key: `${source}/${row}`,
});
const rows = (length: number, ...genes: number[]): TokenRows => ({
  genes: Int32Array.from(genes),
  values: new Float32Array(genes.length),
  length,
});

describe('conditionFeeds', () => {
  it('gives validation everything that the data give', () => {
    const batch = { known: rows(3, 1, 3, 4, 1, 4, 0, 1, 5, 3), unknown: rows(1, 5, 3, 4) };
    const cells = [cell(0, 1), cell(0, 2), cell(1, 0)];
    expect(conditionFeeds(cells, batch, { config, conditions, seed: 0 }, 0)).toEqual({
      'condition/batch': { dtype: 'int32', shape: [3], data: Int32Array.of(2, 1, 2) },
      'condition/kind/known': {
        dtype: 'int32',
        shape: [3, 3],
        data: Int32Array.of(0, 1, 2, 0, 2, 0, 0, 0, 0),
      },
      'condition/kind/unknown': { dtype: 'int32', shape: [3, 1], data: Int32Array.of(1, 1, 0) },
    });
  });

  it('gives nothing where the data give nothing', () => {
    const feeds = conditionFeeds(
      [cell(0, 0)],
      { known: rows(1, 1), unknown: rows(1, 3) },
      { config, conditions: undefined, seed: 0 },
      1,
    );
    for (const { data } of Object.values(feeds)) expect([...data]).toEqual([0]);
  });

  it('withholds each condition from a tenth of the cells, by seed, cell and round', () => {
    const count = 4000;
    const many = [
      [
        { name: 'batch', of: 'cells', rows: new Int32Array(count).fill(1) },
        { name: 'kind', of: 'genes', rows: new Int32Array(6).fill(1) },
      ],
    ] as const;
    const cells = Array.from({ length: count }, (_, row) => cell(0, row));
    const genes = new Array<number>(count).fill(3);
    const drawn = (order: readonly TrainingCell[], seed: number, round: number) => {
      const given = { config, conditions: many, seed };
      const feeds = conditionFeeds(
        order,
        { known: rows(1, ...genes), unknown: rows(1, ...genes) },
        given,
        round,
      );
      return Object.values(feeds).map(({ data }) => [...data].map(Number));
    };
    const [batch, known, unknown] = drawn(cells, 0, 1);
    for (const given of [batch, known]) {
      const withheld = given.filter((row) => row === 0).length;
      expect(Math.abs(withheld - count / 10)).toBeLessThan(4 * Math.sqrt(count * 0.09));
    }
    expect(unknown).toEqual(known);
    expect(known).not.toEqual(batch);
    expect(drawn(cells, 0, 1)[0]).toEqual(batch);
    expect(drawn(cells.toReversed(), 0, 1)[0]).toEqual(batch.toReversed());
    expect(drawn(cells, 0, 2)[0]).not.toEqual(batch);
    expect(drawn(cells, 1, 1)[0]).not.toEqual(batch);
  });
});
