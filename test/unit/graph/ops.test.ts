/** @file Operation constructors: inferred shapes and dtypes, and refusals that name the operation, the expected and the given. */

import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import type { Dtype } from '../../../src/graph/operation.ts';
import { attention } from '../../../src/graph/ops/attention.ts';
import { dropout, dropoutThreshold } from '../../../src/graph/ops/dropout.ts';
import {
  add,
  cast,
  equal,
  leakyRelu,
  relu,
  reverseGradient,
  scaleGradient,
  stopGradient,
  where,
} from '../../../src/graph/ops/elementwise.ts';
import { matmul, quantisedMatmul } from '../../../src/graph/ops/matmul.ts';
import { attentionOperands, headsApart, headsTogether, mixture } from '../../../src/graph/ops/mixture.ts';
import { layerNorm, logSoftmax, softmax } from '../../../src/graph/ops/normalise.ts';
import { extent, reduceMean, reduceSum } from '../../../src/graph/ops/reduce.ts';
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
} from '../../../src/graph/ops/shape.ts';
import { topK } from '../../../src/graph/ops/top-k.ts';
import type { Shape } from '../../../src/graph/shape.ts';

const graph = new Graph();
let made = 0;
const value = (shape: Shape, dtype: Dtype = 'float32'): Value => graph.input(`x${made++}`, dtype, shape);
const x = value(['cells', 'tokens', 32]);
const weight = value([24, 32]);
const genes = value(['cells', 'tokens'], 'int32');
const keep = value(['cells', 'tokens'], 'bool');
const rowKeys = value(['cells', 'tokens', 1], 'int32');
const columnKeys = value([32], 'int32');

describe('shapes and dtypes', () => {
  const cases: readonly (readonly [string, Value, Dtype, Shape])[] = [
    ['add broadcasts', add(x, value([32])), 'float32', ['cells', 'tokens', 32]],
    ['add takes numbers', add(2, genes), 'int32', ['cells', 'tokens']],
    ['equal gives bool', equal(genes, 57), 'bool', ['cells', 'tokens']],
    ['where broadcasts three', where(value(['cells', 1], 'bool'), value([5]), 0), 'float32', ['cells', 5]],
    ['relu keeps', relu(x), 'float32', x.shape],
    ['leakyRelu keeps', leakyRelu(x), 'float32', x.shape],
    ['cast changes the dtype', cast(genes, 'float32'), 'float32', genes.shape],
    ['stopGradient keeps', stopGradient(x), 'float32', x.shape],
    ['reverseGradient keeps', reverseGradient(x, 2), 'float32', x.shape],
    ['matmul', matmul(x, value([32, 7])), 'float32', ['cells', 'tokens', 7]],
    ['matmul transposes', matmul(x, weight, { transposeRight: true }), 'float32', ['cells', 'tokens', 24]],
    ['matmul batches', matmul(x, x, { transposeLeft: true }), 'float32', ['cells', 32, 32]],
    [
      'quantisedMatmul',
      quantisedMatmul(x, value([32, 6], 'int8'), value([6])),
      'float32',
      ['cells', 'tokens', 6],
    ],
    ['attention', attention(value(['cells', 1, 32]), x, x, 4, keep), 'float32', ['cells', 1, 32]],
    [
      'mixture',
      mixture(value(['cells', 4, 1, 9]), value(['cells', 4, 'tokens', 9]), value(['cells', 4, 'tokens', 8])),
      'float32',
      ['cells', 4, 1, 8],
    ],
    ['headsApart', headsApart(x, 4), 'float32', ['cells', 4, 'tokens', 8]],
    ['headsTogether', headsTogether(headsApart(x, 4)), 'float32', x.shape],
    [
      'a mask as one more dimension of keys',
      attentionOperands({ query: x, key: x, value: x }, 4, keep).key,
      'float32',
      ['cells', 4, 'tokens', 9],
    ],
    ['dropout keeps', dropout(x, { rate: 0.2, rows: rowKeys, columns: columnKeys }), 'float32', x.shape],
    ['logSoftmax keeps', logSoftmax(x, 0), 'float32', x.shape],
    ['scaleGradient keeps', scaleGradient(x, 0.5), 'float32', x.shape],
    ['softmax keeps', softmax(x), 'float32', x.shape],
    ['layerNorm keeps', layerNorm(x, value([32]), value([32])).output, 'float32', x.shape],
    ['layerNorm mean', layerNorm(x, value([32]), value([32])).mean, 'float32', ['cells', 'tokens', 1]],
    ['gatherRows', gatherRows(value([60, 32]), genes), 'float32', ['cells', 'tokens', 32]],
    ['reshape', reshape(x, ['cells', 'tokens', 4, 8]), 'float32', ['cells', 'tokens', 4, 8]],
    ['reshape flattens', reshape(x, ['cells*tokens', 32]), 'float32', ['cells*tokens', 32]],
    ['transpose', transpose(x, [1, 0, 2]), 'float32', ['tokens', 'cells', 32]],
    ['concat', concat([x, value(['cells', 3, 32])], 1), 'float32', ['cells', 'tokens+3', 32]],
    ['slice', slice(x, -1, 4, 8), 'float32', ['cells', 'tokens', 4]],
    ['slice to the end', slice(x, 1, 1), 'float32', ['cells', 'tokens-1', 32]],
    ['scatterRows', scatterRows(genes, x, [60, 32]), 'float32', [60, 32]],
    ['expand', expand(value([1, 32]), x.shape), 'float32', x.shape],
    ['split', split(x, -1, [30, 2])[1], 'float32', ['cells', 'tokens', 2]],
    [
      'split undoes concat',
      split(concat([x, value(['cells', 'unknown', 32])], 1), 1, ['tokens', 'unknown'])[1],
      'float32',
      ['cells', 'unknown', 32],
    ],
    ['place', place(x, 1, 1, 'tokens+1'), 'float32', ['cells', 'tokens+1', 32]],
    ['extent', extent(graph, ['cells', 4]), 'float32', []],
    ['topK values', topK(x, 5).values, 'float32', ['cells', 'tokens', 5]],
    ['topK places', topK(value(['cells', 'tokens']), 5).indices, 'int64', ['cells', 5]],
    ['sum', reduceSum(x, [1]), 'float32', ['cells', 32]],
    ['mean keeps dimensions', reduceMean(x, [-1, 0], true), 'float32', [1, 'tokens', 1]],
  ];
  for (const [name, result, dtype, shape] of cases) {
    it(name, () => {
      expect(result.dtype).toBe(dtype);
      expect(result.shape).toEqual(shape);
    });
  }
});

it('makes no operation where none is needed', () => {
  expect(reshape(x, ['cells', 'tokens', 32])).toBe(x);
  expect(expand(x, ['cells', 'tokens', 32])).toBe(x);
  expect(cast(x, 'float32')).toBe(x);
  expect(reduceSum(x, [])).toBe(x);
  expect(reduceMean(x, [], true)).toBe(x);
});

describe('dropoutThreshold', () => {
  it('leaves a share of int32 at or below it', () => {
    expect(dropoutThreshold(0.5)).toBe(0);
    expect(dropoutThreshold(0.25)).toBe(-(2 ** 30));
    expect(dropoutThreshold(0)).toBe(-(2 ** 31)); // below every odd number
    expect(dropoutThreshold(1 - 1e-12)).toBe(2 ** 31 - 1);
  });
});

describe('refusals', () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'mixed dtypes',
      () => add(x, genes),
      'add: got float32 [cells, tokens, 32] and int32 [cells, tokens]. Expected operands of one dtype',
    ],
    [
      'bool arithmetic',
      () => add(keep, keep),
      'add: got bool [cells, tokens]. Expected float32 or int32 or int64',
    ],
    ['two numbers', () => add(1, 2), 'add: both operands are numbers'],
    [
      'a condition that is not bool',
      () => where(genes, x, x),
      'where: got int32 [cells, tokens]. Expected bool',
    ],
    ['inner sizes', () => matmul(x, weight), 'Expected equal inner sizes, got 32 and 24'],
    [
      'vectors',
      () => matmul(x, value([32])),
      'matmul: got float32 [cells, tokens, 32] and float32 [32]. Expected operands of rank 2 or more',
    ],
    [
      'float weights in 8 bits',
      () => quantisedMatmul(x, weight, value([32])),
      'quantisedMatmul: got float32 [24, 32]. Expected int8',
    ],
    [
      'scales of another size',
      () => quantisedMatmul(x, value([32, 6], 'int8'), value([5])),
      'Expected one scale for each of 6 columns',
    ],
    [
      'heads that do not divide',
      () => attention(x, x, x, 5),
      'attention: got float32 [cells, tokens, 32]. Expected a last dimension that 5 heads divide',
    ],
    [
      'keys of another batch',
      () => attention(x, value(['others', 'tokens', 32]), x, 4),
      'Expected a key [cells, keys, 32]',
    ],
    [
      'a mask of another shape',
      () => attention(x, x, x, 4, value(['cells', 3], 'bool')),
      'Expected a mask [cells, tokens]',
    ],
    [
      'dropout of everything',
      () => dropout(x, { rate: 1, rows: rowKeys, columns: columnKeys }),
      'dropout: the rate is 1. Expected 0 <= rate < 1',
    ],
    [
      'keys for more elements than there are',
      () => dropout(value([32]), { rate: 0.1, rows: rowKeys, columns: columnKeys }),
      'Expected keys that broadcast to the elements',
    ],
    [
      'float keys',
      () => dropout(x, { rate: 0.1, rows: x, columns: columnKeys }),
      'dropout: got float32 [cells, tokens, 32]. Expected int32',
    ],
    [
      'mixtures of heads that are not apart',
      () => mixture(x, x, x),
      'mixture: got float32 [cells, tokens, 32]. Expected operands [cells, heads, rows, columns]',
    ],
    [
      'mixtures of other keys than values',
      () => mixture(headsApart(x, 4), headsApart(x, 4), value(['cells', 4, 3, 8])),
      'Expected values [cells, 4, tokens, columns]',
    ],
    [
      'mixtures with a rate that is no share',
      () => {
        const apart = headsApart(x, 4);
        mixture(apart, apart, apart, { dropout: { rate: -0.1, rows: rowKeys, columns: columnKeys } });
      },
      'dropout: the rate is -0.1',
    ],
    [
      'more values than there are',
      () => topK(x, 33),
      'topK: got float32 [cells, tokens, 32]. Expected at least 33',
    ],
    ['no values', () => topK(x, 0), 'topK: got float32'],
    ['the largest of a scalar', () => topK(value([]), 1), 'topK: got float32 []'],
    ['the largest of integers', () => topK(genes, 1), 'topK: got int32 [cells, tokens]. Expected float32'],
    [
      'updates of another width',
      () => scatterRows(genes, x, [60, 31]),
      'scatterRows: got float32 [cells, tokens, 32]. Expected updates [cells, tokens, 31]',
    ],
    [
      'shapes that do not expand',
      () => expand(x, ['cells', 'tokens', 1]),
      'Expected a shape that broadcasts to [cells, tokens, 1]',
    ],
    ['parts that are not all', () => split(x, 2, [30, 1]), 'Expected 31 elements along axis 2'],
    [
      'norm weights',
      () => layerNorm(x, value([31]), value([32])),
      'layerNorm: got float32 [31]. Expected weight and bias [32]',
    ],
    ['float indices', () => gatherRows(weight, x), 'gatherRows: got float32'],
    [
      'element counts',
      () => reshape(x, ['cells', 'tokens', 31]),
      'Expected as many elements as [cells, tokens, 31]',
    ],
    ['permutations', () => transpose(x, [0, 0, 1]), 'Expected a permutation of 3 axes, got [0, 0, 1]'],
    [
      'parts that differ elsewhere',
      () => concat([x, value(['cells', 3, 31])], 1),
      'Expected parts that differ only along axis 1',
    ],
    [
      'slices past the end',
      () => slice(x, 2, 8, 33),
      'slice: got float32 [cells, tokens, 32]. Expected 0 <= start < end <= 32, got 8 and 33',
    ],
    ['empty slices', () => slice(x, 1, 2, 2), 'got 2 and 2'],
    [
      'values of another graph',
      () => add(x, new Graph().input('y', 'float32', [32])),
      'belongs to another graph',
    ],
  ];
  for (const [name, attempt, message] of cases) {
    it(name, () => expect(attempt).toThrow(message));
  }
});

describe('Graph', () => {
  it('declares a parameter once', () => {
    const own = new Graph();
    expect(own.parameter('w', [3, 2])).toBe(own.parameter('w', [3, 2]));
    expect(() => own.parameter('w', [2, 3])).toThrow(
      "parameter 'w' is declared as float32 [2,3] and as float32 [3,2]",
    );
  });

  it('refuses second declarations of inputs and outputs, and dtypes it cannot compute with', () => {
    const own = new Graph();
    const input = own.input('x', 'float32', [1]);
    own.output('y', input);
    expect(() => own.input('x', 'float32', [1])).toThrow("input 'x' is declared twice");
    expect(() => own.output('y', input)).toThrow("output 'y' is declared twice");
    expect(() => own.constant({ dtype: 'float64', shape: [], data: Float64Array.of(1) })).toThrow(
      'cannot hold float64',
    );
  });
});
