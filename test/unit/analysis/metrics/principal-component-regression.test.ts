/** @file Principal component regression against scib-metrics, and against components computed one by one. */

import { describe, expect, it } from 'vitest';
import {
  pcrComparison,
  principalComponentRegression,
} from '../../../../src/analysis/metrics/principal-component-regression.ts';
import { batches, edgeCase, embedding, kinds, metrics, results, unintegrated } from './stored.ts';

describe.each(kinds)('on the %s embedding', (kind) => {
  it('equals scib-metrics', () => {
    expect(principalComponentRegression(unintegrated(), batches)).toBeCloseTo(results[kind].PCR_pre, 8);
    expect(principalComponentRegression(embedding(kind), batches)).toBeCloseTo(results[kind].PCR_post, 8);
    expect(pcrComparison(unintegrated(), embedding(kind), batches)).toBeCloseTo(
      results[kind].PCR_comparison,
      8,
    );
  });

  it('equals the sum over stored components', () => {
    const explained = metrics.f64(`${kind}/pcr_r2`);
    const variances = metrics.f64(`${kind}/pcr_variance`);
    const total = variances.reduce((sum, variance) => sum + variance, 0);
    const sum = variances.reduce((all, variance, i) => all + variance * explained[i], 0);
    expect(principalComponentRegression(embedding(kind), batches)).toBeCloseTo(sum / total, 8);
  });
});

describe('at the limits', () => {
  const one = { name: 'one', codes: new Int32Array(400), groups: ['a'] };

  it('is 0 when batches explain more than before', () => {
    expect(edgeCase('PCR comparison when variance grew (clipped to 0)')).toBe(0);
    expect(pcrComparison(embedding('mixed'), embedding('not_mixed'), batches)).toBe(0);
  });

  it('one batch explains nothing, of which nothing can go', () => {
    expect(principalComponentRegression(embedding('mixed'), one)).toBe(0);
    expect(pcrComparison(unintegrated(), embedding('mixed'), one)).toBeNaN();
  });

  it('a batch for each cell explains all, and cells in one place have nothing to explain', () => {
    const each = { name: 'each', codes: one.codes.map((_, cell) => cell), groups: Array(400).fill('') };
    expect(principalComponentRegression(embedding('mixed'), each)).toBe(1);
    const same = { values: new Float64Array(800), count: 400, dimensions: 2 };
    expect(principalComponentRegression(same, batches)).toBeNaN();
  });

  it('refuses cells without a batch or a place', () => {
    const some = { ...batches, codes: batches.codes.with(3, -1) };
    expect(() => principalComponentRegression(embedding('mixed'), some)).toThrow('grouping batch');
    const points = embedding('mixed');
    points.values[7] = Number.NaN;
    expect(() => principalComponentRegression(points, batches)).toThrow('row 0, dimension 7');
  });
});
