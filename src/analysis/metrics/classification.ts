/** @file Scores of predicted classes: accuracy, precision, recall and F1, and the table of confusions. */

import { UsageError } from '../../support/errors.ts';
import { groupSizes } from '../groups.ts';

/** How well a class is predicted, or classes on average. */
export interface PrecisionRecall {
  /** Share of the cells given the class that have it; 0 when none was given it. */
  readonly precision: number;
  /** Share of the cells that have the class that were given it; 0 when none has it. */
  readonly recall: number;
  /** Harmonic mean of both. */
  readonly f1: number;
}

/** What {@link classificationScores} gives. */
export interface ClassificationScores {
  readonly accuracy: number;
  /** Unweighted means over the classes that occur in truth or predictions, so that rare classes count. */
  readonly macro: PrecisionRecall;
  /** Means weighted by each class's cells in truth. */
  readonly weighted: PrecisionRecall;
  /** By class, all of them. */
  readonly classes: readonly (PrecisionRecall & { readonly support: number })[];
  /** Cells by true class (rows) and predicted class (columns). */
  readonly confusion: Int32Array; // [classes, classes]
}

/**
 * Compares predictions with the truth, as scikit-learn does with `zero_division=0`.
 *
 * @param truth class of each cell, 0 .. classCount - 1
 * @param predicted the same
 * @throws UsageError when lengths differ, there is no cell, or a class is out of range
 */
export function classificationScores(
  truth: Int32Array,
  predicted: Int32Array,
  classCount: number,
): ClassificationScores {
  checkClasses(truth, predicted, classCount);
  const confusion = new Int32Array(classCount * classCount);
  truth.forEach((code, cell) => {
    confusion[code * classCount + predicted[cell]]++;
  });
  const given = groupSizes(predicted, classCount);
  const classes = Array.from({ length: classCount }, (_, code) => {
    const right = confusion[code * classCount + code];
    const support = confusion
      .subarray(code * classCount, (code + 1) * classCount)
      .reduce((sum, count) => sum + count, 0);
    return {
      precision: share(right, given[code]),
      recall: share(right, support),
      f1: share(2 * right, support + given[code]),
      support,
    };
  });
  const right = truth.filter((code, cell) => predicted[cell] === code).length;
  return {
    accuracy: right / truth.length,
    macro: average(classes, ({ support }, code) => (support + given[code] > 0 ? 1 : 0)),
    weighted: average(classes, ({ support }) => support),
    classes,
    confusion,
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

type ClassScores = ClassificationScores['classes'][number];

function average(
  classes: readonly ClassScores[],
  weightOf: (scores: ClassScores, code: number) => number,
): PrecisionRecall {
  const weights = classes.map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (part: keyof PrecisionRecall) =>
    classes.reduce((sum, scores, code) => sum + weights[code] * scores[part], 0) / total;
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

function checkClasses(truth: Int32Array, predicted: Int32Array, classCount: number): void {
  const outside = (code: number) => code < 0 || code >= classCount;
  const wrong = truth.find(outside) ?? predicted.find(outside);
  if (truth.length === predicted.length && truth.length > 0 && wrong === undefined) return;
  throw new UsageError({
    what:
      wrong === undefined
        ? `there are ${truth.length} true and ${predicted.length} predicted classes`
        : `there is a class ${wrong}`,
    where: 'classification scores',
    expected: `one true and one predicted class for each cell, from 0 to ${classCount - 1}`,
    reason: 'classes',
  });
}
