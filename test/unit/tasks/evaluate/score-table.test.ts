/** @file Tables of scores: means over seeds, the best of a column, and what CSV makes of them. */

import { describe, expect, it } from 'vitest';
import {
  bestOf,
  csvOf,
  isBest,
  type Metric,
  type ScoredRow,
  type ScoreTable,
  spread,
  spreads,
  withoutEmptyColumns,
} from '../../../../src/tasks/evaluate/score-table.ts';

const metric = (id: string, better: Metric['better'] = 'high'): Metric => ({
  id,
  name: id.toUpperCase(),
  about: `about ${id}`,
  group: 'some',
  better,
});
const row = (name: string, scores: Record<string, number>): ScoredRow => ({
  name,
  origin: 'data',
  about: `obsm/${name}, "quoted"`,
  runs: 1,
  seconds: null,
  scores: spreads([scores]),
});

describe('spreads', () => {
  it('gives mean and standard deviation of runs, with divisor n - 1', () => {
    const found = spreads([{ nmi: 0.5 }, { nmi: 0.7 }, { nmi: 0.9 }]);
    expect(found.nmi.mean).toBeCloseTo(0.7, 12);
    expect(found.nmi.sd).toBeCloseTo(0.2, 12);
  });

  it('has no deviation of one run', () => {
    expect(spread([0.25])).toEqual({ mean: 0.25, sd: null });
  });

  it('leaves out scores that say nothing', () => {
    expect(Object.keys(spreads([{ nmi: 0.5, pcr: Number.NaN }]))).toEqual(['nmi']);
    expect(spreads([{ pcr: Number.NaN }, { pcr: 0.4 }]).pcr).toEqual({ mean: 0.4, sd: null });
  });
});

describe('bestOf', () => {
  const table: ScoreTable = {
    metrics: [metric('nmi'), metric('error', 'low'), metric('lonely')],
    rows: [
      row('a', { nmi: 0.7001, error: 0.2 }),
      row('b', { nmi: 0.7004, error: 0.1, lonely: 1 }),
      row('c', { nmi: 0.3 }),
    ],
  };
  const bestNames = (metricOf: Metric) =>
    table.rows.filter((each) => isBest(each, metricOf, bestOf(table, metricOf))).map(({ name }) => name);

  it('takes scores that look equal for equally good', () => {
    expect(bestNames(table.metrics[0])).toEqual(['a', 'b']);
  });

  it('looks for the low end where that is the good one', () => {
    expect(bestNames(table.metrics[1])).toEqual(['b']);
  });

  it('finds none where there is nothing to compare', () => {
    expect(bestNames(table.metrics[2])).toEqual([]);
  });

  it('drops columns without scores only', () => {
    const shown = withoutEmptyColumns({ ...table, metrics: [...table.metrics, metric('never')] });
    expect(shown.metrics.map(({ id }) => id)).toEqual(['nmi', 'error', 'lonely']);
  });
});

describe('csvOf', () => {
  it('writes a line each, full precision, quotes doubled, nothing for what is absent', () => {
    const text = csvOf([{ metrics: [metric('nmi'), metric('ari')], rows: [row('a,b', { nmi: 1 / 3 })] }]);
    expect(text).toBe(
      'name,origin,about,runs,seconds,nmi,nmi_sd,ari,ari_sd\n' +
        `"a,b",data,"obsm/a,b, ""quoted""",1,,${1 / 3},,,\n`,
    );
  });
});
