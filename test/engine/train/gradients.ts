/** @file A loss and its gradients, computed by the engine and compared with a fixture's by the rules the fixture states. */

import { expect } from 'vitest';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { type DeviceName, openDevice } from '../../../src/runtime/device.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { type ModelCase, official } from '../model/fixture.ts';
import { noteParity } from '../parity.ts';
import { groupRule, largestDifference, tensorRule } from './batch.ts';

/** What a graph under test has: a loss, what to differentiate by (all parameters by default), and other results. */
export interface Built {
  readonly loss: Value;
  readonly by?: ReadonlyMap<string, Value>;
  readonly outputs?: ReadonlyMap<string, Value>;
}

/** What came out. Names without a gradient are not reached by the loss. */
export interface Differentiated {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** Builds, differentiates and runs; `feeds` hold parameters and inputs. */
export async function differentiated(
  build: (graph: Graph) => Built,
  feeds: NamedTensors,
  name: DeviceName = 'cpu',
): Promise<Differentiated> {
  const graph = new Graph();
  const { loss, by = graph.parameters, outputs = new Map<string, Value>() } = build(graph);
  const names = [...by.keys()];
  const reached = differentiate(loss, [...by.values()]).flatMap((gradient, i) =>
    gradient === undefined ? [] : [[names[i], gradient] as const],
  );
  graph.output('loss', loss);
  for (const [key, gradient] of reached) graph.output(`gradient of ${key}`, gradient);
  for (const [key, value] of outputs) graph.output(`result ${key}`, value);
  const device = await openDevice({ device: name, threads: 1 });
  const executable = await device.load(graph, 'given');
  const results = await executable.run(
    Object.fromEntries(executable.inputs.map((input) => [input, feeds[input]])),
  );
  await executable.dispose();
  return {
    loss: Number(results.loss.data[0]),
    gradients: new Map(reached.map(([key]) => [key, results[`gradient of ${key}`]])),
    outputs: new Map([...outputs.keys()].map((key) => [key, results[`result ${key}`]])),
  };
}

/**
 * Compares with the gradients `grad/<group>/<parameter>` (`grad/<parameter>` for the group '', `<group>/<parameter>` for
 * groups `grad_...`): every one the fixture
 * has must be there and close by its rule, those it says are not reached must be absent, and there must be no others.
 *
 * @returns how many were compared
 */
export function expectGradients(
  fixture: ModelCase,
  name: string,
  group: string,
  gradients: ReadonlyMap<string, Tensor>,
): number {
  const prefix = group === '' ? 'grad/' : group.startsWith('grad_') ? `${group}/` : `grad/${group}/`;
  const { rel = 0, abs = 0, no_gradient = [], zero_up_to_rounding = [] } = groupRule(name, `${prefix}*`);
  for (const parameter of no_gradient) {
    expect(gradients.has(official(parameter)), `${parameter} is reached`).toBe(false);
  }
  const compared = new Set<string>();
  for (const [key, expected] of fixture.tensors) {
    if (!key.startsWith(prefix)) continue;
    const parameter = key.slice(prefix.length);
    const actual = gradients.get(official(parameter));
    const zero = zero_up_to_rounding.includes(parameter);
    compared.add(official(parameter));
    if (zero && actual === undefined) continue; // not reached, where torch carries zeros along
    expect(actual?.shape, parameter).toEqual(expected.shape);
    const reference = zero ? zeros(expected) : expected;
    const distance = largestDifference(actual as Tensor, reference);
    const tolerance = rel * largest(reference) + abs;
    noteParity({ case: name, kind: 'losses and gradients', tensor: key, distance, tolerance });
    expect(distance, `${group} ${parameter}`).toBeLessThanOrEqual(tolerance);
  }
  expect([...gradients.keys()].filter((key) => !compared.has(key))).toEqual([]);
  return compared.size;
}

/** Compares a number with `loss/<name>` or the like. */
export function expectLoss(
  fixture: Pick<ModelCase, 'tensor'>,
  name: string,
  key: string,
  actual: number,
): void {
  const { atol = 0, rtol = 0, expect: special } = tensorRule(name, key);
  const expected = Number(fixture.tensor(key).data[0]);
  if (special === 'NaN everywhere') {
    expect(actual, key).toBeNaN();
    return;
  }
  const [distance, tolerance] = [Math.abs(actual - expected), atol + rtol * Math.abs(expected)];
  noteParity({ case: name, kind: 'losses and gradients', tensor: key, distance, tolerance });
  expect(distance, key).toBeLessThanOrEqual(tolerance);
}

function largest({ data }: Tensor): number {
  return (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function zeros({ shape, data }: Tensor): Tensor {
  return { dtype: 'float32', shape, data: new Float32Array(data.length) };
}
