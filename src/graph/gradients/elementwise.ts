/** @file Gradients of elementwise operations. */

import type { Value } from '../graph.ts';
import type { BinaryKind, CompareKind, UnaryKind } from '../operation.ts';
import { divide, greater, multiply, subtract, where } from '../ops/elementwise.ts';
import { type GradientRule, type GradientRules, summedTo } from './rule.ts';

type Elementwise = BinaryKind | CompareKind | UnaryKind | 'leakyRelu' | 'where' | 'cast' | 'scaleGradient';

const negative = (x: Value): Value => multiply(x, -1);

/** `larger` says which operand a result was taken from; where both are equal it was the left one, as torch's clamp has it. */
const choice =
  <K extends 'minimum' | 'maximum'>(rightChosen: (left: Value, right: Value) => Value): GradientRule<K> =>
  (_, { inputs: [left, right] }, [gradient]) => {
    if (gradient === undefined) return [];
    const fromRight = rightChosen(left, right);
    return [summedTo(left, where(fromRight, 0, gradient)), summedTo(right, where(fromRight, gradient, 0))];
  };

/** Rules by operation. A `cast` passes gradients between float types only, of which there is one. */
export const elementwise: GradientRules<Elementwise> = {
  add: (_, { inputs: [left, right] }, [gradient]) =>
    gradient === undefined ? [] : [summedTo(left, gradient), summedTo(right, gradient)],

  subtract: (_, { inputs: [left, right] }, [gradient]) =>
    gradient === undefined ? [] : [summedTo(left, gradient), negative(summedTo(right, gradient))],

  multiply: (_, { inputs: [left, right] }, [gradient]) =>
    gradient === undefined
      ? []
      : [summedTo(left, multiply(gradient, right)), summedTo(right, multiply(gradient, left))],

  divide(_, { inputs: [left, right], outputs: [quotient] }, [gradient]) {
    if (gradient === undefined) return [];
    const byRight = divide(gradient, right);
    return [summedTo(left, byRight), summedTo(right, negative(multiply(byRight, quotient)))];
  },

  minimum: choice((left, right) => greater(left, right)),
  maximum: choice((left, right) => greater(right, left)),

  equal: () => [],
  greater: () => [],
  cast: () => [],

  where(_, { inputs: [condition, chosen, otherwise] }, [gradient]) {
    if (gradient === undefined) return [];
    return [
      undefined,
      summedTo(chosen, where(condition, gradient, 0)),
      summedTo(otherwise, where(condition, 0, gradient)),
    ];
  },

  relu: (_, { outputs: [y] }, [gradient]) =>
    gradient === undefined ? [] : [where(greater(y, 0), gradient, 0)],

  leakyRelu: ({ slope }, { inputs: [x] }, [gradient]) =>
    gradient === undefined ? [] : [where(greater(x, 0), gradient, multiply(gradient, slope))],

  sigmoid: (_, { outputs: [y] }, [gradient]) =>
    gradient === undefined ? [] : [multiply(gradient, multiply(y, subtract(1, y)))],

  // At zero the slope is infinite; like torch's norms, 0 is given there.
  sqrt: (_, { outputs: [y] }, [gradient]) =>
    gradient === undefined ? [] : [where(greater(y, 0), divide(multiply(gradient, 0.5), y), 0)],

  exp: (_, { outputs: [y] }, [gradient]) => (gradient === undefined ? [] : [multiply(gradient, y)]),

  log: (_, { inputs: [x] }, [gradient]) => (gradient === undefined ? [] : [divide(gradient, x)]),

  scaleGradient({ scale }, _, [gradient]) {
    if (gradient === undefined || scale === 0) return [];
    return [scale === 1 ? gradient : multiply(gradient, scale)];
  },
};
