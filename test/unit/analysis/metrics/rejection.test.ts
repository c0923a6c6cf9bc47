/** @file Detection of unseen types against its definition, and the risk-coverage curve against the fixture. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rejectionScores, riskCoverage } from '../../../../src/analysis/metrics/rejection.ts';
import { golden } from '../../single-cell/golden.ts';

const name = 'seven_types_overconfident';

interface Case {
  readonly results: {
    readonly [name]: { readonly roc_auc_ovr: { readonly per_class: Readonly<Record<string, number>> } };
    readonly rejection_area_over_risk_coverage: number;
  };
}

const fixture = golden<Case>('classification-metrics');
const truth = fixture.i32(`${name}/truth`);
const predicted = fixture.i32(`${name}/pred`);
const probabilities = fixture.f64(`${name}/prob`);
const right = Uint8Array.from(truth, (own, cell) => (own === predicted[cell] ? 1 : 0));

describe('rejectionScores', () => {
  it.each(Object.entries(fixture.about.results[name].roc_auc_ovr.per_class))(
    'equals scikit-learn: class %s taken as unseen, its probability as doubt',
    (code, expected) => {
      const doubt = Float64Array.from(truth, (_, cell) => -probabilities[cell * 7 + Number(code)]);
      const unseen = Uint8Array.from(truth, (own) => (own === Number(code) ? 1 : 0));
      expect(rejectionScores(doubt, right, unseen).unseenAuroc).toBeCloseTo(expected, 10);
    },
  );

  it('equals counting pairs, ties one half', () => {
    const cell = fc.tuple(fc.nat(4), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 30 }), (cells) => {
        const known = cells.filter(([, , unseen]) => !unseen);
        const unseen = cells.filter(([, , other]) => other);
        fc.pre(known.length > 0 && unseen.length > 0);
        let pairs = 0;
        for (const [a] of unseen) for (const [b] of known) pairs += a < b ? 1 : a === b ? 0.5 : 0;
        const found = rejectionScores(
          Float32Array.from(cells, ([confidence]) => confidence),
          Uint8Array.from(cells, ([, hit]) => Number(hit)),
          Uint8Array.from(cells, ([, , other]) => Number(other)),
        );
        expect(found.unseenAuroc).toBeCloseTo(pairs / (unseen.length * known.length), 12);
        expect(found.knownAccuracy).toBeCloseTo(known.filter(([, hit]) => hit).length / known.length, 12);
      }),
    );
  });

  it('has none without unseen cells, or without known ones', () => {
    const scores = (unseen: number) =>
      rejectionScores(Float64Array.of(1, 2), Uint8Array.of(1, 0), Uint8Array.of(unseen, unseen));
    expect(scores(0)).toEqual({ unseenAuroc: Number.NaN, knownAccuracy: 0.5 });
    expect(scores(1)).toEqual({ unseenAuroc: Number.NaN, knownAccuracy: Number.NaN });
  });

  it.each([
    [[], []],
    [[1], [1, 0]],
    [[Number.NaN], [1]],
  ])('refuses %o for %o', (confidence, flags) => {
    const cells = Uint8Array.from(flags);
    expect(() => rejectionScores(Float64Array.from(confidence), cells, cells)).toThrow(
      expect.objectContaining({ reason: 'confidence' }),
    );
    expect(() => riskCoverage(Float64Array.from(confidence), cells)).toThrow(
      expect.objectContaining({ reason: 'confidence' }),
    );
  });
});

describe('riskCoverage', () => {
  it('equals the fixture', () => {
    const confidence = Float64Array.from(truth, (_, cell) =>
      Math.max(...probabilities.subarray(cell * 7, (cell + 1) * 7)),
    );
    const found = riskCoverage(confidence, right);
    const coverage = fixture.f64('rejection/coverage');
    const accuracy = fixture.f64('rejection/accuracy');
    found.coverage.forEach((share, place) => {
      expect(share).toBeCloseTo(coverage[place], 12);
      expect(found.accuracy[place]).toBeCloseTo(accuracy[place], 12);
    });
    expect(found.area).toBeCloseTo(fixture.about.results.rejection_area_over_risk_coverage, 10);
  });

  it('is lowest when the wrong cells are the least confident', () => {
    const wrongLast = riskCoverage(Float64Array.of(4, 3, 2, 1), Uint8Array.of(1, 1, 1, 0));
    const wrongFirst = riskCoverage(Float64Array.of(1, 2, 3, 4), Uint8Array.of(1, 1, 1, 0));
    expect([...wrongLast.accuracy]).toEqual([1, 1, 1, 0.75]);
    expect(wrongLast.area).toBeLessThan(wrongFirst.area);
  });
});
