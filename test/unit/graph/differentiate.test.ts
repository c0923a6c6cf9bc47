/** @file What differentiation adds to a graph, what it leaves out, and what it refuses; numbers are in the engine tests. */

import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { liveNodes } from '../../../src/graph/live.ts';
import { add, cast, greater, multiply, relu, stopGradient } from '../../../src/graph/ops/elementwise.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { reduceSum } from '../../../src/graph/ops/reduce.ts';
import { gatherRows } from '../../../src/graph/ops/shape.ts';
import { topK } from '../../../src/graph/ops/top-k.ts';

/** The sum of `relu(x v) w` over `[cells, 2]`. */
function example() {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['cells', 4]);
  const v = graph.parameter('v', [4, 3]);
  const w = graph.parameter('w', [3, 2]);
  return { graph, x, v, w, loss: reduceSum(matmul(relu(matmul(x, v)), w), [0, 1]) };
}

/** How often each operation is needed for values, the constants aside. */
function operationsFor(graph: Graph, values: readonly (Value | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  values.forEach((value, place) => {
    if (value !== undefined) graph.output(`gradient ${place}`, value);
  });
  for (const { operation } of liveNodes(graph)) counts[operation.kind] = (counts[operation.kind] ?? 0) + 1;
  return counts;
}

describe('differentiate', () => {
  it('gives gradients of the shape of each value, in the order asked for', () => {
    const { loss, x, v, w } = example();
    const gradients = differentiate(loss, [w, x, v]);
    expect(gradients.map((gradient) => gradient?.shape)).toEqual([
      [3, 2],
      ['cells', 4],
      [4, 3],
    ]);
    expect(gradients.map((gradient) => gradient?.dtype)).toEqual(['float32', 'float32', 'float32']);
  });

  it('computes nothing for what was not asked for', () => {
    const last = example();
    const ofLast = operationsFor(last.graph, differentiate(last.loss, [last.w]));
    expect(ofLast.matmul).toBe(2); // x v forward, and the gradient itself
    const all = example();
    const ofAll = operationsFor(all.graph, differentiate(all.loss, [all.x, all.v, all.w]));
    expect(ofAll.matmul).toBe(5); // x v forward, two for each product backward
  });

  it('gives none where the loss does not depend on a value or not smoothly', () => {
    const { graph, loss, x, v } = example();
    const other = graph.parameter('other', [4]);
    const unused = relu(v);
    expect(differentiate(loss, [other, unused])).toEqual([undefined, undefined]);
    const counted = reduceSum(cast(greater(x, 0), 'float32'), [0, 1]);
    const stopped = reduceSum(stopGradient(x), [0, 1]);
    expect(differentiate(add(counted, stopped), [x])).toEqual([undefined]);
  });

  it('adds up the ways by which a loss depends on a value', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const [gradient] = differentiate(reduceSum(multiply(x, x), [0]), [x]);
    expect(gradient?.node.operation.kind).toBe('add');
  });

  it('differentiates by values inside a graph, and a loss by itself', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const inside = relu(x);
    const loss = reduceSum(inside, [0]);
    const [ofInside, ofLoss] = differentiate(loss, [inside, loss]);
    expect(ofInside?.shape).toEqual([3]);
    expect(ofLoss?.node.operation).toMatchObject({ kind: 'constant', tensor: { data: Float32Array.of(1) } });
  });

  it('refuses the largest values, but not what is gathered at their places', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [7]);
    const table = graph.parameter('table', [7, 2]);
    const { values, indices } = topK(x, 3);
    expect(() => differentiate(reduceSum(values, [0]), [x])).toThrow('topK: it has no gradient');
    const [ofTable, ofX] = differentiate(reduceSum(gatherRows(table, indices), [0, 1]), [table, x]);
    expect(ofTable?.shape).toEqual([7, 2]);
    expect(ofX).toBeUndefined();
  });

  it('refuses a loss that is not one number', () => {
    const { x } = example();
    expect(() => differentiate(x, [x])).toThrow(
      'a gradient of float32 [cells,4] was asked for. Expected a loss that is one float32 number',
    );
    const count = new Graph().input('count', 'int32', []);
    expect(() => differentiate(count, [])).toThrow('a gradient of int32 [] was asked for');
  });
});
