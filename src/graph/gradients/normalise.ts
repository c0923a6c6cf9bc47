/** @file Gradients of softmax, its logarithm and layer normalisation. */

import { exp, multiply, subtract } from '../ops/elementwise.ts';
import { reduceMean, reduceSum } from '../ops/reduce.ts';
import { type GradientRules, summedTo } from './rule.ts';

/** Rules by operation. The statistics that layer norm also gives are not differentiated. */
export const normalise: GradientRules<'softmax' | 'logSoftmax' | 'layerNorm'> = {
  softmax({ axis }, { outputs: [y] }, [gradient]) {
    if (gradient === undefined) return [];
    return [multiply(y, subtract(gradient, reduceSum(multiply(gradient, y), [axis], true)))];
  },

  logSoftmax({ axis }, { outputs: [y] }, [gradient]) {
    if (gradient === undefined) return [];
    return [subtract(gradient, multiply(exp(y), reduceSum(gradient, [axis], true)))];
  },

  layerNorm(_, { inputs: [x, weight, bias], outputs: [, mean, inverseDeviation] }, [gradient]) {
    if (gradient === undefined) return [];
    const normed = multiply(subtract(x, mean), inverseDeviation); // [..., d]
    const ofNormed = multiply(gradient, weight); // [..., d]
    const along = reduceMean(multiply(ofNormed, normed), [-1], true); // [..., 1]
    const centred = subtract(ofNormed, reduceMean(ofNormed, [-1], true));
    return [
      multiply(subtract(centred, multiply(normed, along)), inverseDeviation),
      summedTo(weight, multiply(gradient, normed)),
      summedTo(bias, gradient),
    ];
  },
};
