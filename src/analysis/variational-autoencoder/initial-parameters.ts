/** @file Random parameters to start training from, by torch's distributions. */

import type { Value } from '../../graph/graph.ts';
import { type Random, randomStream } from '../../support/random.ts';
import { elementCount, type StateDict } from '../../support/tensor.ts';

/**
 * Draws every parameter that a graph declares, each from a stream of its own: linear layers uniform within
 * 1/sqrt(inputs), biases too; dispersions log-normal; norms 1 and 0, running statistics 0 and 1.
 */
export function initialParameters(declared: ReadonlyMap<string, Value>, seed: number): StateDict {
  const parameters: StateDict = new Map();
  for (const [name, { shape }] of declared) {
    const sizes = shape.map(Number);
    const draw = distributionOf(name, declared, randomStream(seed, name));
    const data = new Float32Array(elementCount(sizes)).map(draw);
    parameters.set(name, { dtype: 'float32', shape: sizes, data });
  }
  return parameters;
}

function distributionOf(name: string, declared: ReadonlyMap<string, Value>, random: Random): () => number {
  if (name === 'log_dispersion') return () => random.normal();
  const weight = declared.get(name.replace(/bias$/, 'weight'));
  if (weight?.shape.length === 2) {
    const bound = 1 / Math.sqrt(Number(weight.shape[1]));
    return () => bound * (2 * random.uniform() - 1);
  }
  const scales = name.endsWith('.weight') || name.endsWith('.running_var');
  return () => (scales ? 1 : 0);
}
