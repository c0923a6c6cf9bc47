/** @file Linear support vector machine: one class against the rest, squared hinge loss. */

import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { bestClasses } from './best-class.ts';
import type { FitClassifier, LabelledExpression } from './classifier.ts';
import { separate } from './dual-coordinate-descent.ts';
import { entriesOf } from './features.ts';
import { checkStrength, decisions, type LinearModel } from './linear-model.ts';

export interface LinearSvmOptions {
  /** Weight of the loss. Default 1, scikit-learn's. */
  readonly C?: number | undefined;
}

/**
 * What scikit-learn's `LinearSVC` fits, its intercept penalised with the coefficients. Scores are decision values, the
 * confidence the highest; the only class of a reference scores about 1 everywhere.
 *
 * @throws UsageError when `C` is not positive
 */
export function linearSvm({ C = 1 }: LinearSvmOptions = {}): FitClassifier {
  return async (reference, control) => {
    checkStrength(C);
    const model = await oneAgainstRest(reference, C, control);
    const { classes } = reference;
    return {
      method: 'Linear SVM',
      classes,
      probabilistic: false,
      predict: async (query) => bestClasses(await decisions(model, query), classes.length),
    };
  };
}

async function oneAgainstRest(
  { expression, labels, classes, seed }: LabelledExpression,
  C: number,
  control?: RunControl,
): Promise<LinearModel> {
  const entries = await entriesOf(expression);
  const classCount = classes.length;
  const coefficients = new Float64Array(entries.columnCount * classCount);
  const intercepts = new Float64Array(classCount);
  for (let k = 0; k < classCount; k++) {
    const sides = Int8Array.from(labels, (label) => (label === k ? 1 : -1));
    const side = await separate(entries, sides, C, randomStream(seed, 'linear svm', k), control);
    side.coefficients.forEach((coefficient, column) => {
      coefficients[column * classCount + k] = coefficient;
    });
    intercepts[k] = side.intercept;
    const stage = 'fitting support vector machine';
    control?.onProgress?.({ stage, done: k + 1, total: classCount, unit: 'classes' });
  }
  return { coefficients, intercepts, classCount };
}
