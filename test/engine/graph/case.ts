/** @file A graph with the inputs to run it on: forward, as a loss, and with the gradients of the loss. */

import { differentiate } from '../../../src/graph/differentiate.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import type { Dtype } from '../../../src/graph/operation.ts';
import { multiply } from '../../../src/graph/ops/elementwise.ts';
import { reduceSum } from '../../../src/graph/ops/reduce.ts';
import { type Dim, evaluateDim, type Shape } from '../../../src/graph/shape.ts';
import type { Device } from '../../../src/runtime/device.ts';
import { type Random, randomStream } from '../../../src/support/random.ts';
import { elementCount, type Tensor } from '../../../src/support/tensor.ts';
import { type Dense, denseOf } from './interpreter.ts';

/** An input of a case: its declaration, and the number at each place. */
export interface Given {
  readonly dtype: Dtype;
  readonly shape: Shape;
  draw(random: Random, place: number): number;
}

/** One graph over named inputs. */
export interface Case {
  readonly inputs: Readonly<Record<string, Given>>;
  readonly build: (values: Record<string, Value>, graph: Graph) => Value;
  /** By input, the gradient as a multiple of the slope, where it is not the slope: 0 where none may come. */
  readonly multiples?: Readonly<Record<string, number>>;
  /** What the elements of the result count in the loss; drawn where nothing is said. */
  readonly weights?: Given;
}

/** What the names of sizes stand for in every case. */
const sizes: Readonly<Record<string, number>> = { cells: 2, tokens: 3, known: 2, unknown: 3, genes: 5 };

const given =
  (dtype: Dtype, draw: Given['draw']) =>
  (...shape: readonly Dim[]): Given => ({ dtype, shape, draw });

export const normal = given('float32', (random) => random.normal());
export const positive = given('float32', (random) => 0.5 + random.uniform());
/** Far enough from 0 for a difference not to step over it. */
export const apart = given(
  'float32',
  (random, place) => (place % 2 === 0 ? 1 : -1) * (0.1 + random.uniform()),
);
/** Indices of rows of `genes`, many of them equal. */
export const rows = given('int32', (random) => random.integer(sizes.genes));
export const wideRows = given('int64', (random) => random.integer(sizes.genes));
/** Keys of dropout, and int32 numbers whose products are too large for it. */
export const oddKeys = given('int32', (random) => (random.uint32() | 1) >> 0);
export const bytes = given('int8', (random) => random.integer(101) - 50);
/** A mask of `[cells, tokens]` that keeps some of every cell. */
export const kept = given('bool', (_, place) => Number(place % 4 !== 1));

/** The numbers of a case's inputs as any executor's precision holds them. */
export function feedsOf({ inputs }: Case): Record<string, Dense> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, drawn(name, input)]));
}

function drawn(name: string, { shape, dtype, draw }: Given): Dense {
  const random = randomStream(1, name);
  const known = shape.map((dim) => evaluateDim(dim, (size) => sizes[size]));
  const data = Float64Array.from({ length: elementCount(known) }, (_, place) => draw(random, place));
  return { shape: known, data: dtype === 'float32' ? data.map(Math.fround) : data };
}

function declared({ inputs, build }: Case) {
  const graph = new Graph();
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => [name, graph.input(name, dtype, shape)]),
  );
  return { graph, values, output: build(values, graph) };
}

/** The graph with its result as `output`. */
export function forwardGraph(test: Case): Graph {
  const { graph, output } = declared(test);
  graph.output('output', output);
  return graph;
}

/** Whether the result is of numbers that a loss can be made of. */
export const hasLoss = (test: Case): boolean => declared(test).output.dtype === 'float32';

/** The inputs by which a case is differentiated. */
export const differentiable = ({ inputs }: Case): readonly string[] =>
  Object.keys(inputs).filter((name) => inputs[name].dtype === 'float32');

/** The name of an output of {@link gradientGraph}. */
export const gradientName = (input: string): string => `gradient of ${input}`;

/** The `output`, a `loss` that every element of it matters to, their sum with fixed `weights`, and what to run it on. */
export function lossGraph(test: Case): {
  readonly graph: Graph;
  readonly values: Readonly<Record<string, Value>>;
  readonly feeds: Record<string, Dense>;
} {
  const { graph, values, output } = declared(test);
  const weights = test.weights ?? normal(...output.shape);
  const weighted = multiply(output, graph.input('weights', 'float32', weights.shape));
  const axes = output.shape.map((_, axis) => axis);
  graph.output('output', output);
  graph.output('loss', reduceSum(weighted, axes));
  return { graph, values, feeds: { ...feedsOf(test), weights: drawn('weights', weights) } };
}

/** The loss and its gradients, of each input by which it can be differentiated. */
export function gradientGraph(test: Case): ReturnType<typeof lossGraph> {
  const { graph, values, feeds } = lossGraph(test);
  const by = differentiable(test);
  const gradients = differentiate(
    graph.outputs.get('loss') as Value,
    by.map((name) => values[name]),
  );
  gradients.forEach((gradient, place) => {
    if (gradient !== undefined) graph.output(gradientName(by[place]), gradient);
  });
  return { graph, values, feeds };
}

/** Runs a graph on a device. */
export async function runOn(
  device: Device,
  graph: Graph,
  feeds: Readonly<Record<string, Dense>>,
): Promise<Record<string, Dense>> {
  const executable = await device.load(graph, 'given');
  const given = Object.fromEntries(
    executable.inputs.map((name) => [name, tensorOf(feeds[name], graph.inputs.get(name)?.dtype)]),
  );
  const results = await executable.run(given);
  await executable.dispose();
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, denseOf(tensor)]));
}

function tensorOf({ shape, data }: Dense, dtype: Dtype | undefined): Tensor {
  switch (dtype) {
    case 'int32':
      return { dtype, shape, data: Int32Array.from(data) };
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from(data, BigInt) };
    case 'int8':
      return { dtype, shape, data: Int8Array.from(data) };
    case 'bool':
      return { dtype, shape, data: Uint8Array.from(data) };
    default:
      return { dtype: 'float32', shape, data: Float32Array.from(data) };
  }
}
