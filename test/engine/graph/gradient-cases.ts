/** @file Graphs of every operation, in every combination of its attributes and ways of broadcasting. */

import type { Value } from '../../../src/graph/graph.ts';
import type { OperationKind } from '../../../src/graph/operation.ts';
import { attention } from '../../../src/graph/ops/attention.ts';
import { dropout } from '../../../src/graph/ops/dropout.ts';
import * as elementwise from '../../../src/graph/ops/elementwise.ts';
import { matmul, quantisedMatmul } from '../../../src/graph/ops/matmul.ts';
import { attentionOperands, headsTogether, mixture } from '../../../src/graph/ops/mixture.ts';
import { layerNorm, logSoftmax, softmax } from '../../../src/graph/ops/normalise.ts';
import { extent, reduceMean, reduceSum } from '../../../src/graph/ops/reduce.ts';
import * as moving from '../../../src/graph/ops/shape.ts';
import { topK } from '../../../src/graph/ops/top-k.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import {
  apart,
  bytes,
  type Case,
  type Given,
  kept,
  normal,
  oddKeys,
  positive,
  rows,
  wideRows,
} from './case.ts';

const { add, cast, divide, equal, greater, maximum, minimum, multiply, subtract, where } = elementwise;
const { concat, expand, gatherRows, place, reshape, scatterRows, slice, split, transpose } = moving;

const tokens = normal('cells', 'tokens', 4);

/** A function of one operand. */
const of = (x: Given, build: (x: Value) => Value, multiples?: Record<string, number>): Case => ({
  inputs: { x },
  build: ({ x }) => build(x),
  ...(multiples === undefined ? {} : { multiples }),
});

type Binary = (a: Value, b: Value) => Value;

/** Two operands of one shape, and of shapes that broadcast in front, in the middle and both ways. */
const broadcasting = (build: Binary, left = normal, right = normal): Record<string, Case> => {
  const pair = (x: Given, y: Given): Case => ({ inputs: { x, y }, build: ({ x, y }) => build(x, y) });
  return {
    'of one shape': pair(left('cells', 'tokens', 4), right('cells', 'tokens', 4)),
    'with fewer dimensions': pair(left('cells', 'tokens', 4), right(4)),
    'with a single token': pair(left('cells', 1, 4), right('cells', 'tokens', 4)),
    'both ways': pair(left('cells', 1, 4), right('tokens', 1)),
    'with a scalar': pair(left(), right('tokens')),
  };
};

/** Every way to transpose, over operands of several ranks. */
function products(): Record<string, Case> {
  const batches: Record<string, readonly [Shape, Shape]> = {
    matrices: [[], []],
    'one for each cell': [['cells'], ['cells']],
    'batches that broadcast both ways': [
      ['cells', 1],
      [1, 'tokens'],
    ],
    'a shared weight': [['cells', 'tokens'], []],
    'a shared left operand': [[], ['cells']],
  };
  const cases: Record<string, Case> = {};
  for (const [name, [left, right]] of Object.entries(batches)) {
    for (const transposeLeft of [false, true]) {
      for (const transposeRight of [false, true]) {
        const scale = transposeLeft === transposeRight ? 1 : -0.5;
        const flags = `${transposeLeft ? ', left transposed' : ''}${transposeRight ? ', right transposed' : ''}`;
        cases[name + flags] = {
          inputs: {
            x: normal(...left, ...(transposeLeft ? [4, 3] : [3, 4])),
            y: normal(...right, ...(transposeRight ? [2, 4] : [4, 2])),
          },
          build: ({ x, y }) => matmul(x, y, { transposeLeft, transposeRight, scale }),
        };
      }
    }
  }
  return {
    ...cases,
    'rows of named sizes by a weight': {
      inputs: { x: tokens, y: normal(5, 4) },
      build: ({ x, y }) => matmul(x, y, { transposeRight: true }),
    },
    'a value by itself': of(tokens, (x) => matmul(x, x, { transposeRight: true })),
  };
}

const attending = (keep?: Given): Case => ({
  inputs: {
    query: normal('cells', 'known', 4),
    key: tokens,
    value: normal('cells', 'tokens', 4),
    ...(keep === undefined ? {} : { keep }),
  },
  build: ({ query, key, value, keep }) => attention(query, key, value, 2, keep),
});

/** Mixtures with and without mask, dropout and stored weights. */
function mixtures(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const masked of [false, true]) {
    for (const drops of [false, true]) {
      for (const probabilities of ['recomputed', 'stored'] as const) {
        const name = `${masked ? 'masked' : 'unmasked'}${drops ? ', with dropout' : ''}, weights ${probabilities}`;
        const keys = { rows: oddKeys('cells', 2, 'known', 1), columns: oddKeys('cells', 1, 1, 'tokens') };
        cases[name] = {
          inputs: {
            ...attending(masked ? kept('cells', 'tokens') : undefined).inputs,
            ...(drops ? keys : {}),
          },
          build({ query, key, value, keep, rows, columns }) {
            const apart = attentionOperands({ query, key, value }, 2, keep);
            const dropout = drops ? { rate: 0.4, rows, columns } : undefined;
            return headsTogether(mixture(apart.query, apart.key, apart.value, { dropout, probabilities }));
          },
        };
      }
    }
  }
  return cases;
}

/** Sums or means over several axes, which stay or go. */
const reductions = (name: string, reduce: typeof reduceSum): Record<string, Case> =>
  Object.fromEntries(
    [[0], [1, 2], [-1], [0, 1, 2]].flatMap((axes) =>
      [false, true].map((keepDims) => [
        `${name} over [${axes}]${keepDims ? ', kept' : ''}`,
        of(tokens, (x) => reduce(x, axes, keepDims)),
      ]),
    ),
  );

const shares = (build: (x: Value, axis?: number) => Value): Record<string, Case> => ({
  'along the last axis': of(tokens, (x) => build(x)),
  'along the first axis': of(tokens, (x) => build(x, 0)),
  'along a named axis': of(tokens, (x) => build(x, 1)),
  'of large numbers': of(tokens, (x) => build(multiply(x, 100))),
});

const normed = (x: Given, epsilon?: number): Case => ({
  inputs: { x, weight: normal(...x.shape.slice(-1)), bias: normal(...x.shape.slice(-1)) },
  build: ({ x, weight, bias }) => layerNorm(x, weight, bias, epsilon).output,
});

const dropping = (rate: number, rows: Given, columns: Given): Case => ({
  inputs: { x: tokens, rows, columns },
  build: ({ x, rows, columns }) => dropout(x, { rate, rows, columns }),
});

const gathered = (table: Given, indices: Given): Case => ({
  inputs: { table, indices },
  build: ({ table, indices }) => gatherRows(table, indices),
});

const scattered = (shape: Shape, indices: Given): Case => ({
  inputs: { table: normal(...shape), indices, updates: normal(...indices.shape, ...shape.slice(1)) },
  build: ({ table, indices, updates }) => add(table, scatterRows(indices, updates, shape)),
});

/** Cases by operation, all of them but those that only give values. */
export const cases = {
  add: { ...broadcasting(add), 'of a value to itself': of(tokens, (x) => add(x, x)) },
  subtract: { ...broadcasting(subtract), 'from a number': of(tokens, (x) => subtract(1, x)) },
  multiply: {
    ...broadcasting(multiply),
    'of a value by itself': of(tokens, (x) => multiply(x, x)),
    'of int32, modulo 2^32': {
      inputs: { x: oddKeys('cells', 1), y: oddKeys(4) },
      build: ({ x, y }) => multiply(x, y),
    },
  },
  divide: { ...broadcasting(divide, normal, positive), 'of a number': of(positive(4), (x) => divide(2, x)) },
  minimum: { ...broadcasting(minimum), 'with a number': of(apart(8), (x) => minimum(x, 0)) },
  maximum: { ...broadcasting(maximum), 'with a number': of(apart(8), (x) => maximum(x, 0)) },
  equal: {
    'of indices': of(rows('cells', 4), (x) => equal(x, 2)),
    'of numbers, as numbers': of(apart(4), (x) => cast(equal(x, x), 'float32'), { x: 0 }),
  },
  greater: {
    'of two': { inputs: { x: normal('cells', 4), y: normal(4) }, build: ({ x, y }) => greater(x, y) },
    'as numbers, times another': {
      inputs: { x: apart(4), y: normal(4) },
      build: ({ x, y }) => multiply(cast(greater(x, 0), 'float32'), y),
      multiples: { x: 0 },
    },
  },
  relu: { 'of both signs': of(apart('cells', 4), elementwise.relu) },
  sigmoid: { 'of a wide range': of(tokens, (x) => elementwise.sigmoid(multiply(x, 4))) },
  sqrt: { 'of positive numbers': of(positive('cells', 4), elementwise.sqrt) },
  exp: { 'of both signs': of(tokens, elementwise.exp) },
  log: { 'of positive numbers': of(positive('cells', 4), elementwise.log) },
  leakyRelu: {
    'of the usual slope': of(apart('cells', 4), (x) => elementwise.leakyRelu(x)),
    'of another slope': of(apart('cells', 4), (x) => elementwise.leakyRelu(x, 0.2)),
  },
  where: {
    'a condition of each element': {
      inputs: { condition: kept('cells', 'tokens', 4), x: tokens, y: normal('cells', 'tokens', 4) },
      build: ({ condition, x, y }) => where(condition, x, y),
    },
    'a condition larger than what it chooses from': {
      inputs: { condition: kept('cells', 'tokens', 1), x: normal(4), y: normal('cells', 1, 1) },
      build: ({ condition, x, y }) => where(condition, x, y),
    },
    'a number otherwise': {
      inputs: { condition: kept('tokens', 1), x: tokens },
      build: ({ condition, x }) => where(condition, x, -1),
    },
  },
  cast: {
    'of whole numbers': of(rows('cells', 3), (x) => cast(x, 'float32')),
    'of a mask': of(kept('cells', 3), (x) => cast(x, 'float32')),
    'to whole numbers, times a number': {
      inputs: { x: apart(6), y: normal(6) },
      build: ({ x, y }) => multiply(cast(cast(multiply(x, 5), 'int32'), 'float32'), y),
      multiples: { x: 0 },
    },
  },
  scaleGradient: Object.fromEntries(
    [1, 0, -1, 2.5].map((scale): [string, Case] => [
      `by ${scale}`,
      {
        inputs: { x: tokens, y: normal(4) },
        build: ({ x, y }) => multiply(elementwise.scaleGradient(x, scale), y),
        multiples: { x: scale },
      },
    ]),
  ),
  matmul: products(),
  quantisedMatmul: {
    'of named sizes': {
      inputs: { x: tokens, integers: bytes(4, 3), scales: positive(3) },
      build: ({ x, integers, scales }) => quantisedMatmul(x, integers, scales),
      multiples: { x: 0, scales: 0 },
    },
  },
  attention: {
    unmasked: attending(),
    masked: attending(kept('cells', 'tokens')),
    'of a value over itself, one head': of(tokens, (x) => attention(x, x, x, 1)),
  },
  mixture: {
    ...mixtures(),
    'of values of another width': {
      inputs: {
        query: normal('cells', 2, 'known', 3),
        key: normal('cells', 2, 'tokens', 3),
        value: normal('cells', 2, 'tokens', 5),
      },
      build: ({ query, key, value }) => mixture(query, key, value),
    },
  },
  dropout: {
    'by tokens and columns': dropping(0.3, oddKeys('cells', 'tokens', 1), oddKeys(4)),
    'of nearly all': dropping(0.9, oddKeys('cells', 'tokens', 1), oddKeys(4)),
    'of none': dropping(0, oddKeys('cells', 'tokens', 1), oddKeys(4)),
  },
  softmax: shares(softmax),
  logSoftmax: shares(logSoftmax),
  layerNorm: {
    'of tokens': normed(tokens),
    'of one row': normed(normal(6)),
    'with a large epsilon': normed(normal('cells', 3), 0.5),
    'of statistics, which are not differentiated': {
      inputs: { x: tokens, weight: normal(4), bias: normal(4) },
      build: ({ x, weight, bias }) => {
        const { mean, inverseDeviation } = layerNorm(x, weight, bias);
        return concat([mean, inverseDeviation], 2);
      },
      multiples: { x: 0, weight: 0, bias: 0 },
    },
  },
  gatherRows: {
    'by equal indices': gathered(normal('genes', 4), rows('cells', 'tokens')),
    'by int64': gathered(normal(5, 4), wideRows(7)),
    'of a table of numbers': gathered(normal('genes'), rows('cells', 4)),
    'of rows that are matrices': gathered(normal('genes', 'tokens', 2), rows('cells')),
    'of whole numbers': gathered(rows('genes', 3), rows(6)),
  },
  scatterRows: {
    'at equal indices': scattered(['genes', 4], rows('cells', 'tokens')),
    'at int64': scattered([5, 4], wideRows(7)),
    'in a table of numbers': scattered(['genes'], rows('cells', 4)),
    'of rows that are matrices': scattered(['genes', 'tokens', 2], rows('cells')),
  },
  reshape: {
    'of cells and tokens to rows': of(tokens, (x) => reshape(x, ['cells*tokens', 4])),
    'of rows to cells and tokens': of(tokens, (x) =>
      reshape(multiply(reshape(x, ['cells*tokens', 4]), 2), ['cells', 'tokens', 2, 2]),
    ),
    'of known sizes': of(normal(6, 4), (x) => reshape(x, [2, 3, 4])),
    'to one dimension': of(tokens, (x) => reshape(x, ['4*cells*tokens'])),
    'with several sizes moved': of(tokens, (x) => reshape(x, [2, 'cells', 2, 'tokens'])),
    'with a new dimension': of(normal('cells', 'tokens'), (x) => reshape(x, ['cells', 1, 1, 'tokens'])),
  },
  expand: {
    'along named sizes': {
      inputs: { x: normal('cells', 1, 4), like: tokens },
      build: ({ x, like }) => add(expand(x, like.shape), like),
    },
    'in front': {
      inputs: { x: normal(4), like: tokens },
      build: ({ x, like }) => add(expand(x, like.shape), like),
    },
    'of a scalar to known sizes': of(normal(), (x) => expand(x, [2, 3])),
  },
  transpose: {
    'of the last two': of(tokens, (x) => transpose(x, [0, 2, 1])),
    'of three in turn': of(tokens, (x) => transpose(x, [2, 0, 1])),
    'of four': of(normal('cells', 2, 'tokens', 3), (x) => transpose(x, [0, 2, 1, 3])),
  },
  concat: {
    'of named sizes': {
      inputs: { x: normal('cells', 'known', 4), y: normal('cells', 'unknown', 4) },
      build: ({ x, y }) => concat([x, y], 1),
    },
    'of three known sizes': {
      inputs: { x: normal(1, 'tokens'), y: normal(3, 'tokens'), z: normal(2, 'tokens') },
      build: ({ x, y, z }) => concat([x, y, z], 0),
    },
    'of a value with itself': of(tokens, (x) => concat([x, x], -1)),
  },
  split: {
    'in named sizes, one of them unused': {
      inputs: { x: normal('cells', 'known', 4), y: normal('cells', 'unknown', 4) },
      build: ({ x, y }) => split(multiply(concat([x, y], 1), 2), 1, ['known', 'unknown'])[1],
    },
    'in known sizes, each of another weight': of(normal('cells', 6), (x) => {
      const [first, second, third] = split(x, 1, [1, 2, 3]);
      return concat([multiply(third, first), multiply(second, 3)], 1);
    }),
  },
  slice: {
    'to the end of a named size': of(tokens, (x) => slice(x, 1, 1)),
    'from the start of a named size': of(tokens, (x) => slice(x, 1, 0, 2)),
    'in the middle': of(tokens, (x) => slice(x, -1, 1, 3)),
    'of a slice': of(tokens, (x) => slice(slice(x, 1, 1), 1, 1)),
  },
  place: {
    'at the start': of(tokens, (x) => place(x, 2, 0, 6)),
    'at the end of a named size': of(tokens, (x) => place(slice(x, 1, 1), 1, 1, 'tokens')),
    'in the middle of a named size': {
      inputs: { x: normal('cells', 1, 4), like: tokens },
      build: ({ x, like }) => add(place(x, 1, 1, 'tokens'), like),
    },
  },
  extent: {
    'of named and known sizes': of(tokens, (x) => multiply(x, extent(x.graph, ['cells', 'tokens', 4]))),
    'of a computed size': of(tokens, (x) => multiply(x, extent(x.graph, ['2*cells', 'tokens-1']))),
    'of nothing': of(tokens, (x) => multiply(x, extent(x.graph, []))),
  },
  topK: {
    'places along a known size': of(tokens, (x) => topK(x, 2).indices),
    'places along a named size': of(normal('cells', 'tokens'), (x) => topK(x, 3).indices),
    'signs of the values': of(tokens, (x) => greater(topK(x, 3).values, 0)),
    'rows at the places': {
      inputs: { x: normal('cells', 'genes'), table: normal('genes', 3) },
      build: ({ x, table }) => gatherRows(table, topK(x, 2).indices),
      multiples: { x: 0 },
    },
  },
  reduce: { ...reductions('sum', reduceSum), ...reductions('mean', reduceMean) },
} satisfies Record<Exclude<OperationKind, 'input' | 'parameter' | 'constant'>, Record<string, Case>>;
