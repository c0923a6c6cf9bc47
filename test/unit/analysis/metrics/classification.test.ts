/** @file Classification scores against scikit-learn, with classes absent from truth, predictions or both. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classificationScores,
  type PrecisionRecall,
} from '../../../../src/analysis/metrics/classification.ts';
import { golden } from '../../single-cell/golden.ts';

interface Results {
  readonly classes: number;
  readonly labels_seen: number[];
  readonly accuracy: number;
  readonly 'labels_seen/macro/zero_division_0': PrecisionRecall;
  readonly 'labels_seen/weighted/zero_division_0': PrecisionRecall;
  readonly 'all_classes/per_class': Readonly<Record<keyof PrecisionRecall | 'support', number[]>>;
}

const fixture = golden<{ readonly results: Record<string, Results> }>('classification-metrics');
const cases = Object.entries(fixture.about.results).filter(([name]) => fixture.has(`${name}/truth`));
const parts = ['precision', 'recall', 'f1'] as const;

describe('classificationScores', () => {
  it.each(cases)('equals scikit-learn: %s', (name, expected) => {
    const found = classificationScores(
      fixture.i32(`${name}/truth`),
      fixture.i32(`${name}/pred`),
      expected.classes,
    );
    expect(found.accuracy).toBeCloseTo(expected.accuracy, 12);
    for (const part of parts) {
      expect(found.macro[part]).toBeCloseTo(expected['labels_seen/macro/zero_division_0'][part], 12);
      expect(found.weighted[part]).toBeCloseTo(expected['labels_seen/weighted/zero_division_0'][part], 12);
      found.classes.forEach((scores, code) => {
        expect(scores[part]).toBeCloseTo(expected['all_classes/per_class'][part][code], 12);
      });
    }
    expect(found.classes.map(({ support }) => support)).toEqual(expected['all_classes/per_class'].support);
    expect(found.confusion).toEqual(fixture.i32(`${name}/confusion_all_classes`));
  });

  it('has, weighted, the accuracy as recall', () => {
    const code = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(code, code), { minLength: 1 }), (cells) => {
        const truth = Int32Array.from(cells, ([own]) => own);
        const predicted = Int32Array.from(cells, ([, given]) => given);
        const { accuracy, weighted, confusion } = classificationScores(truth, predicted, 5);
        expect(weighted.recall).toBeCloseTo(accuracy, 12);
        expect(confusion.reduce((sum, count) => sum + count, 0)).toBe(cells.length);
        const perfect = classificationScores(truth, truth, 5);
        expect(perfect.macro).toEqual({ precision: 1, recall: 1, f1: 1 });
      }),
    );
  });

  it.each([
    [[0, 1], [0]],
    [[], []],
    [[0], [2]],
    [[-1], [0]],
  ])('refuses %o with %o of two classes', (truth, predicted) => {
    expect(() => classificationScores(Int32Array.from(truth), Int32Array.from(predicted), 2)).toThrow(
      expect.objectContaining({ reason: 'classes' }),
    );
  });
});
