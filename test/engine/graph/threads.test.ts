/** @file Gradients have the same bytes at any number of threads. */

import { expect, it } from 'vitest';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { add, multiply, relu } from '../../../src/graph/ops/elementwise.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { attentionOperands, headsTogether, mixture } from '../../../src/graph/ops/mixture.ts';
import { layerNorm } from '../../../src/graph/ops/normalise.ts';
import { reduceMean } from '../../../src/graph/ops/reduce.ts';
import { gatherRows, scatterRows } from '../../../src/graph/ops/shape.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import { randomStream } from '../../../src/support/random.ts';
import { bytesOf, elementCount, type Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const random = randomStream(1, 'threads');

function floats(...shape: number[]): Tensor<'float32'> {
  const data = Float32Array.from({ length: elementCount(shape) }, () => random.normal() / 8);
  return { dtype: 'float32', shape, data };
}

/** Indices of `rows` rows, the first ones many times. */
function indices(rows: number, ...shape: number[]): Tensor<'int32'> {
  const data = Int32Array.from({ length: elementCount(shape) }, () => rows * random.uniform() ** 3);
  return { dtype: 'int32', shape, data };
}

/** Every output of several runs at several numbers of threads. */
async function runs(graph: Graph, feeds: NamedTensors): Promise<readonly NamedTensors[]> {
  const all: NamedTensors[] = [];
  for (const threads of [1, 2, 4]) {
    const executable = await (await openDevice({ device: 'cpu', threads })).load(graph, 'given');
    for (let repeat = 0; repeat < 2; repeat++) all.push(await executable.run(feeds));
    await executable.dispose();
  }
  return all;
}

const sameBytes = (a: Tensor, b: Tensor): boolean => Buffer.compare(bytesOf(a), bytesOf(b)) === 0;

it('adds thousands of rows to three, one after another', async () => {
  const [tokens, width, genes] = [9600, 512, 3];
  const graph = new Graph();
  const rows = graph.input('indices', 'int32', ['tokens']);
  graph.output(
    'sums',
    scatterRows(rows, graph.input('updates', 'float32', ['tokens', width]), [genes, width]),
  );
  const feeds = { indices: indices(genes, tokens), updates: floats(tokens, width) };
  const inOrder: Tensor<'float32'> = {
    dtype: 'float32',
    shape: [genes, width],
    data: new Float32Array(genes * width),
  };
  feeds.updates.data.forEach((value, i) => {
    inOrder.data[feeds.indices.data[Math.floor(i / width)] * width + (i % width)] += value;
  });
  for (const { sums } of await runs(graph, feeds)) expect(sameBytes(sums, inOrder)).toBe(true);
});

it('differentiates a layer over embedded genes by its parameters', async () => {
  const [cells, tokens, width, heads, genes] = [4, 200, 64, 4, 50];
  const graph = new Graph();
  const values: Record<string, Tensor> = {};
  const parameter = (name: string, ...shape: number[]) => {
    values[name] = floats(...shape);
    return graph.parameter(name, shape);
  };
  const x = gatherRows(parameter('table', genes, width), graph.input('genes', 'int32', ['cells', 'tokens']));
  const [query, key, value] = ['query', 'key', 'value'].map((name) =>
    matmul(x, parameter(name, width, width), { transposeRight: true }),
  );
  const apart = attentionOperands({ query, key, value }, heads, undefined);
  const attended = add(x, headsTogether(mixture(apart.query, apart.key, apart.value)));
  const normed = layerNorm(attended, parameter('weight', width), parameter('bias', width)).output;
  const predicted = matmul(
    relu(matmul(normed, parameter('hidden', width, width))),
    parameter('out', width, 1),
  );
  const names = [...graph.parameters.keys()];
  const gradients = differentiate(reduceMean(multiply(predicted, predicted), [0, 1, 2]), [
    ...graph.parameters.values(),
  ]);
  gradients.forEach((gradient, place) => {
    if (gradient !== undefined) graph.output(`gradient of ${names[place]}`, gradient);
  });
  expect(graph.outputs.size).toBe(names.length);

  const [first, ...others] = await runs(graph, { genes: indices(genes, cells, tokens), ...values });
  for (const other of others) {
    const differing = Object.keys(first).filter((name) => !sameBytes(first[name], other[name]));
    expect(differing).toEqual([]);
  }
});
