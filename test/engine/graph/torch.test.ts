/** @file Every differentiable operation against numbers that PyTorch computed, ties and zeros among them. */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { liveNodes } from '../../../src/graph/live.ts';
import { attention } from '../../../src/graph/ops/attention.ts';
import { dropout } from '../../../src/graph/ops/dropout.ts';
import * as elementwise from '../../../src/graph/ops/elementwise.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { attentionOperands, headsTogether, mixture } from '../../../src/graph/ops/mixture.ts';
import { layerNorm, logSoftmax, softmax } from '../../../src/graph/ops/normalise.ts';
import { extent, reduceMean, reduceSum } from '../../../src/graph/ops/reduce.ts';
import * as moving from '../../../src/graph/ops/shape.ts';
import { type Device, openDevice } from '../../../src/runtime/device.ts';
import { needsNativeRuntime } from '../need.ts';
import { type Case, type Given, gradientGraph, gradientName, runOn } from './case.ts';
import { expectClose } from './close.ts';
import { cases } from './gradient-cases.ts';
import { type Dense, interpret } from './interpreter.ts';

needsNativeRuntime();

interface Stored {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** One case of `make-gradients.py`. */
interface TorchCase {
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly weights: Stored;
  readonly output: Stored;
  readonly gradients: Readonly<Record<string, Stored>>;
  /** How far PyTorch's float32 is from these numbers, as a share of the largest. */
  readonly float32: { readonly output: number; readonly gradients: Readonly<Record<string, number>> };
}

const stored: Readonly<Record<string, TorchCase>> = JSON.parse(
  readFileSync(new URL('../../fixtures/graph/gradients.json', import.meta.url), 'utf8'),
);

const { add, divide, maximum, minimum, multiply, subtract, where } = elementwise;
const attend: Case['build'] = ({ query, key, value, keep }) => attention(query, key, value, 2, keep);
const attendInTraining: Case['build'] = ({ query, key, value, keep, rows, columns }) => {
  const apart = attentionOperands({ query, key, value }, 2, keep);
  const dropout = rows === undefined ? undefined : { rate: 0.25, rows, columns };
  return headsTogether(mixture(apart.query, apart.key, apart.value, { dropout }));
};

const builds: Record<string, Case['build']> = {
  add: ({ x, y }) => add(x, y),
  subtract: ({ x, y }) => subtract(x, y),
  multiply: ({ x, y }) => multiply(x, y),
  divide: ({ x, y }) => divide(x, y),
  'minimum, equal ones': ({ x }) => minimum(x, 0.5),
  'maximum, equal ones': ({ x }) => maximum(x, 0.5),
  'maximum of two, equal ones': ({ x, y }) => maximum(x, y),
  'relu, at zero': ({ x }) => elementwise.relu(x),
  'leakyRelu, at zero': ({ x }) => elementwise.leakyRelu(x),
  sigmoid: ({ x }) => elementwise.sigmoid(multiply(x, 4)),
  sqrt: ({ x }) => elementwise.sqrt(x),
  'sqrt at zero, in a norm': ({ x }) => elementwise.sqrt(reduceSum(multiply(x, x), [-1])),
  exp: ({ x }) => elementwise.exp(x),
  log: ({ x }) => elementwise.log(x),
  where: ({ condition, x, y }) => where(condition, x, y),
  'gradient stopped': ({ x, y }) => multiply(elementwise.stopGradient(x), y),
  'gradient reversed': ({ x, y }) => multiply(elementwise.reverseGradient(x, 0.5), y),
  matmul: ({ x, y }) => matmul(x, y),
  'matmul by a weight': ({ x, weight }) => matmul(x, weight, { transposeRight: true }),
  'matmul, left transposed': ({ x, y }) => matmul(x, y, { transposeLeft: true, scale: 0.5 }),
  attention: attend,
  'attention, masked': attend,
  'mixture, masked': attendInTraining,
  'mixture, masked, with dropout': attendInTraining,
  dropout: ({ x, rows, columns }) => dropout(x, { rate: 0.25, rows, columns }),
  softmax: ({ x }) => softmax(x, 1),
  logSoftmax: ({ x }) => logSoftmax(multiply(x, 16)),
  'layerNorm, a constant row': ({ x, weight, bias }) => layerNorm(x, weight, bias).output,
  'gatherRows, equal indices': ({ table, indices }) => moving.gatherRows(table, indices),
  'scatterRows, equal indices': ({ table, indices, updates }) =>
    add(table, moving.scatterRows(indices, updates, [5, 3])),
  reshape: ({ x }) => moving.reshape(x, [6, 4]),
  expand: ({ x }) => moving.expand(x, [2, 3, 4]),
  transpose: ({ x }) => moving.transpose(x, [2, 0, 1]),
  concat: ({ x, y }) => moving.concat([x, y, x], 1),
  split: ({ x }) => moving.split(x, -1, [1, 2, 3])[1],
  slice: ({ x }) => moving.slice(x, 1, 1, 3),
  place: ({ x }) => moving.place(x, 1, 1, 6),
  sum: ({ x }) => reduceSum(x, [0, 2]),
  mean: ({ x }) => reduceMean(x, [1, 2], true),
  'mean by the number of elements': ({ x }) => divide(reduceSum(x, [0, 1, 2]), extent(x.graph, x.shape)),
};

const asGiven = ({ dtype, shape, data }: Stored): Given => ({
  dtype,
  shape,
  draw: (_, place) => data[place],
});
const asDense = ({ shape, data }: Stored): Dense => ({ shape, data: Float64Array.from(data) });

/** Result, loss and gradients in one graph. */
function assembled(name: string): ReturnType<typeof gradientGraph> {
  const { inputs, weights } = stored[name];
  const given = Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, asGiven(input)]));
  return gradientGraph({ inputs: given, build: builds[name], weights: asGiven(weights) });
}

/** PyTorch's output, loss and gradients under the names of the graph's outputs. */
function wanted({ output, weights, gradients }: TorchCase): Record<string, Dense> {
  const loss = output.data.reduce((total, value, i) => total + value * weights.data[i], 0);
  return {
    output: asDense(output),
    loss: { shape: [], data: Float64Array.of(loss) },
    ...Object.fromEntries(Object.entries(gradients).map(([key, of]) => [gradientName(key), asDense(of)])),
  };
}

it('has a graph for every stored case, and a case for every operation that has a gradient', () => {
  expect(Object.keys(builds)).toEqual(Object.keys(stored));
  const covered = new Set(
    Object.keys(stored).flatMap((name) =>
      liveNodes(assembled(name).graph).map(({ operation }) => operation.kind as string),
    ),
  );
  const withoutGradient = ['equal', 'cast', 'quantisedMatmul', 'topK']; // `greater` is part of gradients
  const missing = Object.keys(cases).filter((kind) => !covered.has(kind));
  expect(missing).toEqual(withoutGradient);
});

describe('against PyTorch', () => {
  let cpu: Device;
  beforeAll(async () => {
    cpu = await openDevice({ device: 'cpu', threads: 1 });
  });

  for (const [name, of] of Object.entries(stored)) {
    it(`${name}: float64 to the last stored digits`, () => {
      const { graph, feeds } = assembled(name);
      expectClose(interpret(graph, feeds), wanted(of), 1e-10);
    });

    it(`${name}: the engine as exactly as float32 is`, async () => {
      const { graph, feeds } = assembled(name);
      const torchs = Math.max(of.float32.output, ...Object.values(of.float32.gradients));
      expectClose(await runOn(cpu, graph, feeds), wanted(of), Math.max(1e-6, 4 * torchs));
    });
  }
});
