/** @file Every operation forward and backward: the engine against float64, and gradients against differences of the loss. */

import { beforeAll, describe, expect, it } from 'vitest';
import { liveNodes } from '../../../src/graph/live.ts';
import { type Device, openDevice } from '../../../src/runtime/device.ts';
import { needsNativeRuntime } from '../need.ts';
import {
  type Case,
  differentiable,
  feedsOf,
  forwardGraph,
  gradientGraph,
  gradientName,
  hasLoss,
  lossGraph,
  runOn,
} from './case.ts';
import { expectClose } from './close.ts';
import { cases } from './gradient-cases.ts';
import { interpret } from './interpreter.ts';

needsNativeRuntime();

let cpu: Device;
beforeAll(async () => {
  cpu = await openDevice({ device: 'cpu', threads: 1 });
});

/** Of the larger of a slope and 1. */
const differenceTolerance = 1e-6;

/** The slope of a function at each number of an array, by central differences. */
function slopes(at: Float64Array, loss: (moved: Float64Array) => number): Float64Array {
  return at.map((value, i) => {
    const step = 1e-5 * Math.max(1, Math.abs(value));
    return (loss(at.with(i, value + step)) - loss(at.with(i, value - step))) / (2 * step);
  });
}

function expectSlopes(test: Case): void {
  const { graph, feeds } = gradientGraph(test);
  const gradients = interpret(graph, feeds);
  const { graph: lossAlone } = lossGraph(test);
  for (const name of differentiable(test)) {
    const multiple = test.multiples?.[name] ?? 1;
    const gradient = gradients[gradientName(name)];
    if (multiple === 0) {
      expect(gradient, name).toBeUndefined();
      continue;
    }
    const { shape, data } = feeds[name];
    expect(gradient?.shape, name).toEqual(shape);
    const lossOf = (moved: Float64Array): number =>
      interpret(lossAlone, { ...feeds, [name]: { shape, data: moved } }).loss.data[0];
    slopes(data, lossOf).forEach((slope, i) => {
      const expected = slope * multiple;
      expect(Math.abs(gradient.data[i] - expected), `${name}, element ${i}: ${expected}`).toBeLessThanOrEqual(
        differenceTolerance * Math.max(1, Math.abs(expected)),
      );
    });
  }
}

for (const [kind, ofKind] of Object.entries(cases)) {
  describe(kind, () => {
    for (const [name, test] of Object.entries<Case>(ofKind)) {
      it(`${name}: the engine computes as float64 does`, async () => {
        const graph = forwardGraph(test);
        expect(liveNodes(graph).map(({ operation }) => operation.kind)).toContain(kind);
        expectClose(await runOn(cpu, graph, feedsOf(test)), interpret(graph, feedsOf(test)));
      });

      if (!hasLoss(test)) continue;

      it(`${name}: the gradient is the slope`, () => expectSlopes(test));

      it(`${name}: the engine's gradient is that of float64`, async () => {
        const { graph, feeds } = gradientGraph(test);
        expectClose(await runOn(cpu, graph, feeds), interpret(graph, feeds));
      });
    }
  });
}
