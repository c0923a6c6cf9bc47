/** @file Gradients of a graph against differences of its loss, and the engine's against float64. */

import { expect } from 'vitest';
import { differentiate } from '../../../../src/graph/differentiate.ts';
import { Graph, type Value } from '../../../../src/graph/graph.ts';
import type { Tensor } from '../../../../src/support/tensor.ts';
import { expectClose } from '../../graph/close.ts';
import { type Dense, denseOf, interpret } from '../../graph/interpreter.ts';
import { differentiated } from '../../train/gradients.ts';

/** What is differentiated, and by which inputs or parameters. */
export interface Loss {
  readonly loss: Value;
  readonly by: ReadonlyMap<string, Value>;
}

/** Of the larger of a slope and 1. */
const differenceTolerance = 1e-5;

/**
 * Expects the gradients in float64 to be slopes of the loss, and the engine's to be those in float64.
 *
 * @param elements of each tensor, how many are moved: they lie evenly apart
 */
export async function expectGradients(
  build: (graph: Graph) => Loss,
  tensors: Readonly<Record<string, Tensor>>,
  { elements, tolerance }: { readonly elements: number; readonly tolerance: number },
): Promise<void> {
  const feeds = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, denseOf(tensor)]));
  const gradients = gradientsOf(build, feeds);
  const lossAlone = new Graph();
  lossAlone.output('loss', build(lossAlone).loss);
  const lossAt = (name: string, i: number, value: number): number => {
    const { shape, data } = feeds[name];
    return interpret(lossAlone, { ...feeds, [name]: { shape, data: data.with(i, value) } }).loss.data[0];
  };
  for (const [name, { data }] of Object.entries(gradients)) {
    const stride = Math.max(1, Math.floor(data.length / elements));
    for (let i = 0; i < data.length; i += stride) {
      const value = feeds[name].data[i];
      const step = 1e-5 * Math.max(1, Math.abs(value));
      const slope = (lossAt(name, i, value + step) - lossAt(name, i, value - step)) / (2 * step);
      expect(Math.abs(data[i] - slope), `${name}, element ${i}: ${slope}`).toBeLessThanOrEqual(
        differenceTolerance * Math.max(1, Math.abs(slope)),
      );
    }
  }
  const found = await differentiated(build, tensors);
  const ofEngine = [...found.gradients].map(([name, tensor]) => [name, denseOf(tensor)] as const);
  expectClose(Object.fromEntries(ofEngine), gradients, tolerance);
}

function gradientsOf(
  build: (graph: Graph) => Loss,
  feeds: Readonly<Record<string, Dense>>,
): Record<string, Dense> {
  const graph = new Graph();
  const { loss, by } = build(graph);
  const names = [...by.keys()];
  differentiate(loss, [...by.values()]).forEach((gradient, i) => {
    if (gradient !== undefined) graph.output(names[i], gradient);
  });
  return interpret(graph, feeds);
}
