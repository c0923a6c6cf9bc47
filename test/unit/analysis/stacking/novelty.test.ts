/** @file Novelty: profiles by hand, 0 for usual cells, high for cells of a type that was left out. */

import { describe, expect, it } from 'vitest';
import { rejectionScores } from '../../../../src/analysis/metrics/rejection.ts';
import { noveltyScale, noveltyScores } from '../../../../src/analysis/stacking/novelty.ts';
import { logProfiles } from '../../../../src/analysis/stacking/profiles.ts';
import { median } from '../../../../src/single-cell/quantile.ts';
import { cells, genes } from './made-cells.ts';

/** Correlations that say nothing, so that divergence alone is seen. */
const flat = (count: number, classes: number) => new Float64Array(count * classes).fill(0.5);

describe('logProfiles', () => {
  it('are mean shares of genes, a little drawn to the mean of all, and sum to 1', () => {
    const { entries, labels } = cells(300, 1);
    const profiles = logProfiles(entries, labels, 4).map(Math.exp);
    for (let k = 0; k < 4; k++) {
      const own = profiles.subarray(k * genes, (k + 1) * genes);
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      const marked = own.subarray(20 * k, 20 * k + 20).reduce((sum, share) => sum + share, 0);
      if (k < 3) expect(marked).toBeCloseTo(0.4 + 0.6 / 3, 1);
    }
    // a class without cells has the mean of all
    expect(profiles[3 * genes]).toBeCloseTo((profiles[0] + profiles[genes] + profiles[2 * genes]) / 3, 3);
  });
});

describe('novelty', () => {
  it('is 0 in the median of a class, whatever the depth, and 1 at a deviation', () => {
    const { entries, labels } = cells(600, 2);
    const given = { entries, correlations: flat(600, 3) };
    const novelty = noveltyScores(noveltyScale(given, labels, 3), given, labels);
    expect(median(Float64Array.from(novelty))).toBeCloseTo(0, 1);
    const deep = novelty.filter((_, cell) => entries.indptr[cell + 1] - entries.indptr[cell] > 45);
    const shallow = novelty.filter((_, cell) => entries.indptr[cell + 1] - entries.indptr[cell] < 30);
    expect(Math.abs(median(Float64Array.from(deep)) - median(Float64Array.from(shallow)))).toBeLessThan(0.3);
  });

  it('is higher for cells of a type that was left out', () => {
    const reference = cells(400, 3, 2);
    const scale = noveltyScale(
      { entries: reference.entries, correlations: flat(400, 2) },
      reference.labels,
      2,
    );
    const query = cells(300, 4);
    const codes = query.labels.map((label) => (label === 2 ? 0 : label));
    const novelty = noveltyScores(scale, { entries: query.entries, correlations: flat(300, 2) }, codes);
    const unseen = Uint8Array.from(query.labels, (label) => (label === 2 ? 1 : 0));
    const { unseenAuroc } = rejectionScores(
      novelty.map((value) => -value),
      new Uint8Array(300),
      unseen,
    );
    expect(unseenAuroc).toBeGreaterThan(0.95);
  });

  it('counts low correlation in units of the class', () => {
    const { entries, labels } = cells(200, 5);
    const correlations = Float64Array.from({ length: 600 }, (_, i) => 0.5 + 0.1 * Math.sin(i));
    const scale = noveltyScale({ entries, correlations }, labels, 3);
    const before = noveltyScores(scale, { entries, correlations }, labels);
    const lower = correlations.map((value) => value - 0.1);
    noveltyScores(scale, { entries, correlations: lower }, labels).forEach((value, cell) => {
      expect(value - before[cell]).toBeCloseTo(((2 / 3) * 0.1) / scale.correlation.unit[labels[cell]], 4);
    });
  });

  it('judges by measured genes alone, and leaves cells without a class', () => {
    const { entries, labels } = cells(300, 6);
    const given = { entries, correlations: flat(300, 3) };
    const scale = noveltyScale(given, labels, 3);
    const all = new Uint8Array(genes).fill(1);
    expect(noveltyScores(scale, given, labels, all)).toEqual(noveltyScores(scale, given, labels));
    const none = noveltyScores(scale, given, new Int32Array(300).fill(-1));
    expect(none.every((value) => Number.isNaN(value))).toBe(true);
  });

  it('has a scale for classes of one cell', () => {
    const { entries, labels } = cells(100, 7);
    const rare = labels.map((label, cell) => (cell === 0 ? 3 : label));
    const given = { entries, correlations: flat(100, 4) };
    const novelty = noveltyScores(noveltyScale(given, rare, 4), given, rare);
    expect(novelty.every((value) => Number.isFinite(value))).toBe(true);
  });
});
