/** @file Logistic regression on log-normalised expression, the strongest of the simple annotators. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { bestClasses } from './best-class.ts';
import type { FitClassifier } from './classifier.ts';
import type { LinearModel } from './linear-model.ts';
import { fitMultinomial, predictProbabilities } from './multinomial.ts';
import { scaleGenes, scalingOf } from './scaling.ts';

export interface LogisticRegressionOptions {
  /** Inverse strength of the L2 penalty. Default 1 on log values, as scikit-learn has it, 0.01 on z-scores. */
  readonly C?: number | undefined;
  /** `balanced`: rare classes weigh as much as frequent ones. Default `none`. */
  readonly weights?: 'none' | 'balanced' | undefined;
  /**
   * `themselves`: reference and query are each z-scored by their own cells (cut off at 10), which takes out what one
   * technology measures higher than the other, but also what the types of cells that are present make differ. Default
   * `none`.
   */
  readonly scaledBy?: 'none' | 'themselves' | undefined;
}

/**
 * Multinomial logistic regression with an L2 penalty; the confidence is the highest probability. With one class, every
 * cell has it with probability 1.
 */
export function logisticRegression(options: LogisticRegressionOptions = {}): FitClassifier {
  const { scaledBy = 'none', weights } = options;
  const scaled = scaledBy === 'themselves';
  const fitOptions = { C: options.C ?? (scaled ? 0.01 : 1), weights };
  return async ({ expression, labels, classes }, control) => {
    const learn = (features: CsrMatrix) =>
      fitMultinomial(features, labels, classes.length, fitOptions, control);
    const probabilities = scaled
      ? onOwnScores(await fitOwnScores(expression, learn))
      : plain(await learn(expression));
    return {
      method: scaled ? 'Logistic regression, query z-scored on itself' : 'Logistic regression',
      classes,
      probabilistic: true,
      predict: async (query) => bestClasses(await probabilities(query), classes.length),
    };
  };
}

type Probabilities = (query: CsrMatrix) => Promise<Float64Array>; // [cells, classes]

function plain(model: LinearModel): Probabilities {
  return (query) => predictProbabilities(model, query);
}

/** Fits z-scores by way of what is left of them without their origin: the intercept makes up for it. */
async function fitOwnScores(
  expression: CsrMatrix,
  learn: (features: CsrMatrix) => Promise<LinearModel>,
): Promise<LinearModel> {
  const { matrix, origin } = await scaleGenes(expression, await scalingOf(expression));
  return shifted(await learn(matrix), origin, -1);
}

function onOwnScores(model: LinearModel): Probabilities {
  return async (query) => {
    const { matrix, origin } = await scaleGenes(query, await scalingOf(query));
    return predictProbabilities(shifted(model, origin, 1), matrix);
  };
}

/** The same model of features that `times` the origin was taken from. */
function shifted(model: LinearModel, origin: Float64Array, times: number): LinearModel {
  const { coefficients, classCount } = model;
  const intercepts = model.intercepts.slice();
  coefficients.forEach((coefficient, i) => {
    intercepts[i % classCount] += times * origin[Math.floor(i / classCount)] * coefficient;
  });
  return { ...model, intercepts };
}
