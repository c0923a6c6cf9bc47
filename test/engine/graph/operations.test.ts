/** @file Every operation, under every profile that runs here, against plain arithmetic in float64. */

import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { lower } from '../../../src/graph/onnx/lower.ts';
import { encodeModel } from '../../../src/graph/onnx/model.ts';
import type { Profile } from '../../../src/graph/onnx/profiles.ts';
import { concatenate } from '../../../src/graph/onnx/protobuf.ts';
import { attention } from '../../../src/graph/ops/attention.ts';
import * as elementwise from '../../../src/graph/ops/elementwise.ts';
import { matmul, quantisedMatmul } from '../../../src/graph/ops/matmul.ts';
import { layerNorm, softmax } from '../../../src/graph/ops/normalise.ts';
import { reduceMean, reduceSum } from '../../../src/graph/ops/reduce.ts';
import { concat, gatherRows, reshape, slice, transpose } from '../../../src/graph/ops/shape.ts';
import { topK } from '../../../src/graph/ops/top-k.ts';
import { sessionBackend } from '../../../src/runtime/session.ts';
import { randomStream } from '../../../src/support/random.ts';
import { elementCount, type Tensor } from '../../../src/support/tensor.ts';
import { nativeRuntime, needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

function numbers(key: string, ...shape: number[]): Tensor<'float32'> {
  const random = randomStream(3, key);
  return {
    dtype: 'float32',
    shape,
    data: Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
  };
}

const x = numbers('x', 2, 3, 8);
const y = numbers('y', 2, 3, 8);
const z = numbers('z', 2, 3, 8);
const keep: Tensor<'bool'> = { dtype: 'bool', shape: [2, 3], data: Uint8Array.of(1, 0, 1, 0, 0, 1) };

/** A profile whose operators the native CPU has: all of them. */
const profiles: readonly Profile[] = ['cpu', 'wasm', 'webgpu', 'cuda', 'onnx'];

/** Runs a graph over the constants in it. */
async function evaluate(profile: Profile, build: (graph: Graph) => Value): Promise<Tensor> {
  const graph = new Graph();
  graph.output('result', build(graph));
  const file = concatenate(encodeModel(lower(graph, { profile, parameters: { in: 'inputs' } })));
  if (nativeRuntime === undefined) throw new Error('skipped above');
  const backend = sessionBackend(nativeRuntime, { provider: 'cpu', threads: 1, writesIntoFetches: true });
  const executable = await backend.createExecutable({ file, weights: [] });
  const { result } = await executable.run({});
  await executable.dispose();
  return result;
}

/** `[cells, rows, columns]` by a function of cell, row and column. */
function fill(
  cells: number,
  rows: number,
  columns: number,
  of: (c: number, r: number, k: number) => number,
): number[] {
  const all: number[] = [];
  for (let c = 0; c < cells; c++)
    for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) all.push(of(c, r, k));
  return all;
}

const at = ({ shape, data }: Tensor<'float32'>, c: number, r: number, k: number): number =>
  data[(c * shape[1] + r) * shape[2] + k];

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The entries of a row of x, the largest first. */
function largest(c: number, r: number): { readonly value: number; readonly place: number }[] {
  return range(8)
    .map((place) => ({ value: at(x, c, r, place), place }))
    .sort((a, b) => b.value - a.value);
}

function softmaxOf(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - largest));
  return exponentials.map((value) => value / total(exponentials));
}

/** Attention of x over keys y and values z with two heads of four. */
function expectedAttention(masked: boolean): number[] {
  return fill(2, 3, 8, (c, query, k) => {
    const head = 4 * Math.floor(k / 4);
    const scores = range(3).map((key) => {
      if (masked && keep.data[c * 3 + key] === 0) return -Infinity;
      return total(range(4).map((i) => at(x, c, query, head + i) * at(y, c, key, head + i))) / 2;
    });
    return total(softmaxOf(scores).map((weight, key) => weight * at(z, c, key, k)));
  });
}

function moments(c: number, r: number): { mean: number; deviation: number } {
  const row = range(8).map((k) => at(x, c, r, k));
  const mean = total(row) / 8;
  return { mean, deviation: Math.sqrt(total(row.map((value) => (value - mean) ** 2)) / 8 + 1e-5) };
}

const weight = numbers('weight', 5, 8);
const affine = numbers('affine', 2, 1, 8);
const genes: Tensor = { dtype: 'int32', shape: [2, 2], data: Int32Array.of(4, 0, 2, 4) };
const each = (of: (a: number, b: number) => number): number[] =>
  Array.from(x.data, (a, i) => of(a, y.data[i]));

const cases: Record<
  string,
  { build: (graph: Graph) => Value; shape?: number[]; expected: readonly number[] }
> = {
  add: { build: (g) => elementwise.add(g.constant(x), g.constant(y)), expected: each((a, b) => a + b) },
  subtract: { build: (g) => elementwise.subtract(1, g.constant(y)), expected: each((_, b) => 1 - b) },
  multiply: {
    build: (g) => elementwise.multiply(g.constant(x), g.constant(y)),
    expected: each((a, b) => a * b),
  },
  divide: { build: (g) => elementwise.divide(g.constant(x), g.constant(y)), expected: each((a, b) => a / b) },
  minimum: { build: (g) => elementwise.minimum(g.constant(x), 0.5), expected: each((a) => Math.min(a, 0.5)) },
  maximum: { build: (g) => elementwise.maximum(g.constant(x), g.constant(y)), expected: each(Math.max) },
  relu: { build: (g) => elementwise.relu(g.constant(x)), expected: each((a) => Math.max(a, 0)) },
  leakyRelu: {
    build: (g) => elementwise.leakyRelu(g.constant(x), 0.1),
    expected: each((a) => (a > 0 ? a : a / 10)),
  },
  sigmoid: {
    build: (g) => elementwise.sigmoid(g.constant(x)),
    expected: each((a) => 1 / (1 + Math.exp(-a))),
  },
  sqrt: {
    build: (g) => elementwise.sqrt(elementwise.multiply(g.constant(x), g.constant(x))),
    expected: each((a) => Math.abs(a)),
  },
  'reversed gradient': { build: (g) => elementwise.reverseGradient(g.constant(x)), expected: each((a) => a) },
  'greater, where': {
    build: (g) => elementwise.where(elementwise.greater(g.constant(x), g.constant(y)), g.constant(x), -1),
    expected: each((a, b) => (a > b ? a : -1)),
  },
  'equal, cast': {
    build: (g) => elementwise.cast(elementwise.equal(g.constant(genes), 4), 'float32'),
    shape: [2, 2],
    expected: [1, 0, 0, 1],
  },
  matmul: {
    build: (g) => matmul(g.constant(x), transpose(g.constant(y), [0, 2, 1])),
    shape: [2, 3, 3],
    expected: fill(2, 3, 3, (c, r, k) => total(range(8).map((i) => at(x, c, r, i) * at(y, c, k, i)))),
  },
  'matmul, right transposed and scaled': {
    build: (g) => matmul(g.constant(x), g.constant(weight), { transposeRight: true, scale: 0.5 }),
    shape: [2, 3, 5],
    expected: fill(
      2,
      3,
      5,
      (c, r, k) => 0.5 * total(range(8).map((i) => at(x, c, r, i) * weight.data[k * 8 + i])),
    ),
  },
  'matmul, left transposed': {
    build: (g) => matmul(g.constant(x), g.constant(y), { transposeLeft: true }),
    shape: [2, 8, 8],
    expected: fill(2, 8, 8, (c, r, k) => total(range(3).map((i) => at(x, c, i, r) * at(y, c, i, k)))),
  },
  attention: {
    build: (g) => attention(g.constant(x), g.constant(y), g.constant(z), 2),
    expected: expectedAttention(false),
  },
  'attention, masked': {
    build: (g) => attention(g.constant(x), g.constant(y), g.constant(z), 2, g.constant(keep)),
    expected: expectedAttention(true),
  },
  softmax: {
    build: (g) => softmax(g.constant(x), 1),
    expected: fill(2, 3, 8, (c, r, k) => softmaxOf(range(3).map((i) => at(x, c, i, k)))[r]),
  },
  layerNorm: {
    build: (g) => {
      const [scale, shift] = [0, 1].map((i) => reshape(slice(g.constant(affine), 0, i, i + 1), [8]));
      return layerNorm(g.constant(x), scale, shift).output;
    },
    expected: fill(2, 3, 8, (c, r, k) => {
      const { mean, deviation } = moments(c, r);
      return ((at(x, c, r, k) - mean) / deviation) * affine.data[k] + affine.data[8 + k];
    }),
  },
  'layerNorm statistics': {
    build: (g) => {
      const ones = g.constant({ dtype: 'float32', shape: [8], data: new Float32Array(8).fill(1) });
      const { mean, inverseDeviation } = layerNorm(g.constant(x), ones, ones);
      return concat([mean, inverseDeviation], 2);
    },
    shape: [2, 3, 2],
    expected: fill(2, 3, 2, (c, r, k) => (k === 0 ? moments(c, r).mean : 1 / moments(c, r).deviation)),
  },
  gatherRows: {
    build: (g) => gatherRows(g.constant(weight), g.constant(genes)),
    shape: [2, 2, 8],
    expected: fill(2, 2, 8, (c, r, k) => weight.data[Number(genes.data[c * 2 + r]) * 8 + k]),
  },
  'reshape, transpose': {
    build: (g) => transpose(reshape(g.constant(x), [6, 8]), [1, 0]),
    shape: [8, 6],
    expected: fill(1, 8, 6, (_, k, row) => x.data[row * 8 + k]),
  },
  'concat, slice': {
    build: (g) => concat([slice(g.constant(x), 1, 1), slice(g.constant(y), 1, 0, 1)], 1),
    expected: fill(2, 3, 8, (c, r, k) => (r < 2 ? at(x, c, r + 1, k) : at(y, c, 0, k))),
  },
  'topK, values': {
    build: (g) => topK(g.constant(x), 3).values,
    shape: [2, 3, 3],
    expected: fill(2, 3, 3, (c, r, k) => largest(c, r)[k].value),
  },
  'topK, places': {
    build: (g) => topK(g.constant(x), 3).indices,
    shape: [2, 3, 3],
    expected: fill(2, 3, 3, (c, r, k) => largest(c, r)[k].place),
  },
  'topK, equal values in their order': {
    build: (g) => topK(elementwise.cast(elementwise.greater(g.constant(x), 0), 'float32'), 8).indices,
    expected: fill(2, 3, 8, (c, r, k) => {
      const positive = (place: number): boolean => at(x, c, r, place) > 0;
      return [...range(8).filter(positive), ...range(8).filter((place) => !positive(place))][k];
    }),
  },
  reduceSum: {
    build: (g) => reduceSum(g.constant(x), [1]),
    shape: [2, 8],
    expected: fill(1, 2, 8, (_, c, k) => total(range(3).map((r) => at(x, c, r, k)))),
  },
  reduceMean: {
    build: (g) => reduceMean(g.constant(x), [0, 1], true),
    shape: [1, 1, 8],
    expected: fill(1, 1, 8, (_, __, k) => total(range(6).map((row) => x.data[row * 8 + k])) / 6),
  },
};

for (const profile of profiles) {
  describe(`operations lowered for ${profile}`, () => {
    for (const [name, { build, shape = [2, 3, 8], expected }] of Object.entries(cases)) {
      it(name, async () => {
        const result = await evaluate(profile, build);
        expect(result.shape).toEqual(shape);
        expect(result.data).toHaveLength(expected.length);
        expected.forEach((value, i) => {
          expect(Math.abs(Number(result.data[i]) - value), `element ${i}`).toBeLessThan(
            2e-6 * Math.max(1, Math.abs(value)),
          );
        });
      });
    }

    it('quantisedMatmul within the rounding of 8 bits', async () => {
      const integers: Tensor = {
        dtype: 'int8',
        shape: [8, 2],
        data: Int8Array.from(range(16), (i) => 15 * (i - 8)),
      };
      const scales: Tensor = { dtype: 'float32', shape: [2], data: Float32Array.of(0.01, 0.02) };
      const result = await evaluate(profile, (g) =>
        quantisedMatmul(g.constant(x), g.constant(integers), g.constant(scales)),
      );
      const step = (Math.max(0, ...x.data) - Math.min(0, ...x.data)) / 255;
      const expected = fill(
        2,
        3,
        2,
        (c, r, k) =>
          total(range(8).map((i) => at(x, c, r, i) * Number(integers.data[i * 2 + k]))) * (0.01 + 0.01 * k),
      );
      expected.forEach((value, i) => {
        expect(Math.abs(Number(result.data[i]) - value)).toBeLessThan((step / 2) * 8 * 120 * 0.02 * 1.01);
      });
    });
  });
}
