/** @file Gradients of operations that move data, and of reductions. */

import { GraphError } from '../../support/errors.ts';
import { divide } from '../ops/elementwise.ts';
import { extent } from '../ops/reduce.ts';
import {
  concat,
  expand,
  gatherRows,
  place,
  reshape,
  scatterRows,
  slice,
  split,
  transpose,
} from '../ops/shape.ts';
import { type GradientRules, summedTo } from './rule.ts';

type Moving =
  | 'gatherRows'
  | 'scatterRows'
  | 'reshape'
  | 'expand'
  | 'transpose'
  | 'concat'
  | 'split'
  | 'slice'
  | 'place'
  | 'extent'
  | 'topK'
  | 'reduce';

/** Rules by operation. */
export const moving: GradientRules<Moving> = {
  gatherRows: (_, { inputs: [table, indices] }, [gradient]) =>
    gradient === undefined || table.dtype !== 'float32' ? [] : [scatterRows(indices, gradient, table.shape)],

  scatterRows: (_, { inputs: [indices] }, [gradient]) =>
    gradient === undefined ? [] : [undefined, gatherRows(gradient, indices)],

  reshape: (_, { inputs: [x] }, [gradient]) => (gradient === undefined ? [] : [reshape(gradient, x.shape)]),

  expand: (_, { inputs: [x] }, [gradient]) => (gradient === undefined ? [] : [summedTo(x, gradient)]),

  transpose({ permutation }, _, [gradient]) {
    if (gradient === undefined) return [];
    return [
      transpose(
        gradient,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },

  concat({ axis }, { inputs }, [gradient]) {
    if (gradient === undefined) return [];
    return split(
      gradient,
      axis,
      inputs.map(({ shape }) => shape[axis]),
    );
  },

  split({ axis }, { outputs }, gradients) {
    const { graph } = outputs[0];
    const parts = outputs.map(({ shape }, part) => gradients[part] ?? expand(graph.scalar(0), shape));
    return [concat(parts, axis)];
  },

  slice: ({ axis, start }, { inputs: [x] }, [gradient]) =>
    gradient === undefined ? [] : [place(gradient, axis, start, x.shape[axis])],

  place({ axis, start }, { inputs: [x] }, [gradient]) {
    if (gradient === undefined) return [];
    const size = x.shape[axis];
    return [slice(gradient, axis, start, typeof size === 'number' ? start + size : undefined)];
  },

  extent: () => [],

  topK() {
    throw new GraphError({
      what: 'topK: it has no gradient',
      expected: 'a loss that does not depend on the largest values by topK',
      advice: 'Stop the gradient before it',
      reason: 'gradient',
    });
  },

  reduce({ by, axes, keepDims }, { inputs: [x] }, [gradient]) {
    if (gradient === undefined) return [];
    const kept = keepDims
      ? gradient
      : reshape(
          gradient,
          x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
        );
    if (by === 'sum') return [expand(kept, x.shape)];
    const count = extent(
      x.graph,
      axes.map((axis) => x.shape[axis]),
    );
    return [expand(divide(kept, count), x.shape)];
  },
};
