/** @file A CellTypist-style annotator: every class against the rest, on genes scaled as CellTypist scales them. */

import { bestClasses } from './best-class.ts';
import type { FitClassifier } from './classifier.ts';
import { decisions } from './linear-model.ts';
import { fitOneVersusRest, sigmoid } from './one-vs-rest.ts';
import { type Limits, scaleGenes, scalingOf } from './scaling.ts';

/** CellTypist cuts z-scores off above only. */
const limits: Limits = [Number.NEGATIVE_INFINITY, 10];

/**
 * What CellTypist's `train` and `annotate` do by default (Domínguez Conde et al. 2022): logistic regression of each
 * class against the rest with C = 1 on genes z-scored by the reference; scores are each class's own probability, which
 * do not add up to 1; the label is the best match, the confidence its probability. Unlike `train`, the fit goes to the
 * optimum.
 */
export const cellTypist: FitClassifier = async ({ expression, labels, classes }, control) => {
  const scaling = await scalingOf(expression);
  // the intercept makes up for the origin, which is the same for both sides
  const { matrix } = await scaleGenes(expression, scaling, limits);
  const model = await fitOneVersusRest(matrix, labels, classes.length, 1, control);
  return {
    method: 'CellTypist',
    classes,
    probabilistic: false,
    async predict(query) {
      const scores = await decisions(model, (await scaleGenes(query, scaling, limits)).matrix);
      return bestClasses(scores.map(sigmoid), classes.length);
    },
  };
};
