/** @file NMI and ARI against scikit-learn, their limits, and what must not change them. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ari, nmi } from '../../../../src/analysis/metrics/clustering.ts';
import { edgeCase, kinds, labels, metrics, results } from './stored.ts';

const clusterings = ['leiden_0.3', 'leiden_1.0', 'leiden_2.0'] as const;
const stored = kinds.flatMap((kind) => clusterings.map((name) => [kind, name] as const));

const partitions = fc.integer({ min: 1, max: 50 }).chain((cells) => {
  const codes = fc
    .array(fc.integer({ min: 0, max: 5 }), { minLength: cells, maxLength: cells })
    .map((values) => Int32Array.from(values));
  return fc.tuple(codes, codes);
});

describe.each([
  ['nmi', nmi],
  ['ari', ari],
])('%s', (name, score) => {
  it.each(stored)('equals scikit-learn: %s, %s', (kind, clustering) => {
    const expected = results[kind][clustering];
    const value = name === 'nmi' ? expected.NMI_arithmetic : expected.ARI;
    expect(score(metrics.i32(`${kind}/${clustering}`), labels.codes)).toBeCloseTo(value, 9);
  });

  it('is what scikit-learn says at the limits', () => {
    const one = new Int32Array(400);
    const each = Int32Array.from(one, (_, cell) => cell);
    expect(score(one, labels.codes)).toBeCloseTo(
      edgeCase(`${name.toUpperCase()} of one cluster against labels`),
      12,
    );
    expect(score(one, one)).toBe(edgeCase(`${name.toUpperCase()} both with a single cluster`));
    expect(score(each, each)).toBeCloseTo(edgeCase('ARI all singletons against all singletons'), 12);
  });

  it('is symmetric, blind to names, at most 1, and 1 for a partition and itself', () => {
    fc.assert(
      fc.property(partitions, ([first, second]) => {
        const value = score(first, second);
        expect(value).toBeLessThanOrEqual(1);
        expect(score(second, first)).toBeCloseTo(value, 12);
        expect(
          score(
            first.map((code) => 5 - code),
            second,
          ),
        ).toBeCloseTo(value, 12);
        expect(score(first, first)).toBeCloseTo(1, 12);
      }),
    );
  });

  it.each([
    [[0, 1], [0]],
    [[], []],
    [
      [0, -1],
      [0, 0],
    ],
  ])('refuses %o with %o', (first, second) => {
    expect(() => score(Int32Array.from(first), Int32Array.from(second))).toThrow(
      expect.objectContaining({ reason: 'partitions' }),
    );
  });
});
