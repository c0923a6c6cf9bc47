/** @file Clipping by the norm of all gradients together, against torch. */

import { expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.ts';
import { multiply } from '../../../src/graph/ops/elementwise.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import { clipFactor, globalNorm } from '../../../src/train/optimiser.ts';
import { readTensors } from '../model/fixture.ts';
import { needsNativeRuntime } from '../need.ts';
import { groupRule } from './batch.ts';

needsNativeRuntime();

it.each(['above', 'below'])('scales gradients with a norm %s the limit', async (group) => {
  const { tensor } = await readTensors('grad-clip');
  const { rtol } = groupRule('grad-clip', `out/${group}.*`);
  const graph = new Graph();
  const names = ['0', '1', '2'];
  const feeds = Object.fromEntries(names.map((name) => [name, tensor(`in/${group}.${name}`)]));
  const gradients = names.map((name) => graph.input(name, 'float32', feeds[name].shape));
  const norm = globalNorm(gradients);
  const factor = clipFactor(norm, 1);
  graph.output('norm', norm);
  gradients.forEach((gradient, i) => {
    graph.output(`clipped ${names[i]}`, multiply(gradient, factor));
  });
  const executable = await (await openDevice({ device: 'cpu', threads: 1 })).load(graph, new Map());
  const results = await executable.run(feeds);
  await executable.dispose();
  for (const name of ['norm', ...names]) {
    const expected = tensor(`out/${group}.${name}`);
    const actual = results[name === 'norm' ? name : `clipped ${name}`];
    expect(actual.shape, name).toEqual(expected.shape);
    (expected.data as Float32Array).forEach((value, i) => {
      expect(Math.abs(Number(actual.data[i]) - value), name).toBeLessThanOrEqual(
        Number(rtol) * Math.abs(value),
      );
    });
  }
});
