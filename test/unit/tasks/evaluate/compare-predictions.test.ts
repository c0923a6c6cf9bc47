/** @file Predicted types against the true ones: by name, with cells that were given none. */

import { describe, expect, it } from 'vitest';
import { groupingOf } from '../../../../src/analysis/groups.ts';
import { categorical } from '../../../../src/single-cell/data-frame.ts';
import { InputError } from '../../../../src/support/errors.ts';
import { comparePredictions } from '../../../../src/tasks/evaluate/compare-predictions.ts';
import { scoreConfidence } from '../../../../src/tasks/evaluate/confidence.ts';

const grouping = (name: string, values: readonly (string | null)[]) => groupingOf(name, categorical(values));
const compare = (truth: readonly string[], predicted: readonly (string | null)[]) =>
  comparePredictions(grouping('type', truth), grouping('predicted', predicted));

describe('comparePredictions', () => {
  // expected numbers as scikit-learn gives them for these lists
  const truth = ['T', 'T', 'T', 'B', 'B'];

  it('scores types by name, whatever their order, those only predicted among them', () => {
    const { scores, classes, trueClasses, right } = compare(truth, ['T', 'T', 'NK', 'B', 'T']);
    expect(classes).toEqual(['B', 'T', 'NK']);
    expect(trueClasses).toBe(2);
    expect([...right]).toEqual([1, 1, 0, 1, 0]);
    expect(scores.accuracy).toBeCloseTo(0.6, 12);
    expect(scores.macro_f1).toBeCloseTo((2 / 3 + 2 / 3 + 0) / 3, 12);
    expect(scores.weighted_f1).toBeCloseTo(2 / 3, 12);
    expect(scores.macro_precision).toBeCloseTo((1 + 2 / 3 + 0) / 3, 12);
    expect(scores.macro_recall).toBeCloseTo((1 / 2 + 2 / 3 + 0) / 3, 12);
    expect(scores.assigned).toBe(1);
  });

  it.each([['unassigned'], ['Unknown'], [' '], [null]])(
    'counts %j as no type, which is wrong but no class',
    (word) => {
      const { scores, classes, unassigned } = compare(truth, ['T', 'T', word, 'B', word]);
      expect(classes).toEqual(['B', 'T']);
      expect(unassigned).toBe(2);
      expect(scores.accuracy).toBeCloseTo(3 / 5, 12);
      expect(scores.assigned).toBeCloseTo(3 / 5, 12);
      expect(scores.accuracy_assigned).toBeCloseTo(1, 12);
      expect(scores.macro_f1).toBeCloseTo((2 / 3 + 4 / 5) / 2, 12);
      expect(scores.macro_precision).toBe(1);
    },
  );

  it('takes such a word for a type where it is a true one', () => {
    const { scores, unassigned } = compare(['unknown', 'T'], ['unknown', 'T']);
    expect(unassigned).toBe(0);
    expect(scores.accuracy).toBe(1);
  });

  it('has no accuracy of assigned cells where none was assigned', () => {
    const { scores } = compare(truth, [null, null, null, null, null]);
    expect(scores.accuracy).toBe(0);
    expect(scores.accuracy_assigned).toBeNaN();
  });

  it('refuses columns that name nothing alike', () => {
    const attempt = () => compare(truth, ['t cell', 't cell', 't cell', 'b cell', 'b cell']);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(/'type': B, T; got b cell, t cell/);
  });
});

describe('scoreConfidence', () => {
  it('says whether the unsure cells are the wrong ones', () => {
    const right = Uint8Array.of(1, 1, 1, 0);
    const { scores } = scoreConfidence(Float64Array.of(0.9, 0.8, 0.7, 0.2), right);
    expect(scores.auroc_errors).toBe(1);
    expect(scores.risk_coverage).toBeCloseTo(1 / 16, 12);
    expect(scoreConfidence(Float64Array.of(0.2, 0.7, 0.8, 0.9), right).scores.auroc_errors).toBe(0);
  });

  it('measures calibration in bins of equal width, 1 in the last', () => {
    const { scores, calibration } = scoreConfidence(
      Float64Array.of(1, 1, 0.5, 0.5),
      Uint8Array.of(1, 1, 1, 0),
    );
    expect(scores.calibration_error).toBeCloseTo(0, 12);
    expect(calibration?.bins.map(({ cells }) => cells)).toEqual([2, 2]);
    const sure = scoreConfidence(Float64Array.of(0.9, 0.9), Uint8Array.of(1, 0));
    expect(sure.scores.calibration_error).toBeCloseTo(0.4, 12);
  });

  it('does not call a margin a probability', () => {
    const { calibration, scores } = scoreConfidence(Float64Array.of(-2, 3), Uint8Array.of(0, 1));
    expect(calibration).toBeNull();
    expect(scores.calibration_error).toBeNaN();
    expect(scores.auroc_errors).toBe(1);
  });

  it('leaves cells without confidence out and counts them', () => {
    const { without, scores } = scoreConfidence(
      Float64Array.of(Number.NaN, 0.9, 0.1),
      Uint8Array.of(1, 1, 0),
    );
    expect(without).toBe(1);
    expect(scores.auroc_errors).toBe(1);
    expect(scoreConfidence(Float64Array.of(Number.NaN), Uint8Array.of(1)).scores).toEqual({});
  });
});
