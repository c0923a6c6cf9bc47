/** @file Devices: what is available, results in the caller's tensors, shapes told at the run, and errors that say what to do. */

import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.ts';
import { add } from '../../../src/graph/ops/elementwise.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { availableDevices, type DeviceName, openDevice } from '../../../src/runtime/device.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const floats = (shape: number[], ...data: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

/** `x w + 1` over any number of rows. */
function example(): Graph {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['rows', 2]);
  graph.output('y', add(matmul(x, graph.parameter('w', [2, 1])), 1));
  return graph;
}

const weights: StateDict = new Map([['w', floats([2, 1], 10, 100)]]);

describe('openDevice', () => {
  it('offers the native processor first and WebAssembly always', async () => {
    const devices = await availableDevices();
    expect(devices[0]).toBe('cpu');
    expect(devices).toContain('wasm');
    expect((await openDevice()).name).toBe('cpu');
  });

  it('refuses threads that are no count', async () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      await expect(openDevice({ threads })).rejects.toThrow(
        `threads is ${threads}. Expected a whole number above 0.`,
      );
    }
  });

  it('says what is available when a device is not', async () => {
    await expect(openDevice({ device: 'abacus' as DeviceName })).rejects.toThrow(
      /the device 'abacus' is not available here\. Expected cpu/,
    );
  });

  it('says what CUDA needs when it cannot be loaded', async (context) => {
    const device = await openDevice({ device: 'cuda' });
    const loaded = await device.load(example(), weights).catch((error: unknown) => error);
    if (!(loaded instanceof Error)) return context.skip('this machine has CUDA');
    expect(loaded.message).toMatch(
      /^device cuda: the model could not be loaded: .*CUDA needs Linux or Windows/s,
    );
  });
});

for (const device of ['cpu', 'wasm'] as const) {
  describe(`executable on ${device}`, () => {
    it('takes any size of a named dimension', async () => {
      const executable = await (await openDevice({ device, threads: 1 })).load(example(), weights);
      expect(executable.inputs).toEqual(['x']);
      expect(executable.outputs).toEqual(['y']);
      expect((await executable.run({ x: floats([1, 2], 1, 2) })).y).toEqual(floats([1, 1], 211));
      expect((await executable.run({ x: floats([2, 2], 1, 2, 3, 4) })).y).toEqual(floats([2, 1], 211, 431));
      await executable.dispose();
    });

    it("writes results into the caller's tensor, also into a part of a larger array", async () => {
      const executable = await (await openDevice({ device, threads: 1 })).load(example(), weights);
      const all = new Float32Array(4);
      const y: Tensor = { dtype: 'float32', shape: [2, 1], data: all.subarray(1, 3) };
      const results = await executable.run({ x: floats([2, 2], 1, 2, 3, 4) }, { y });
      expect(results.y).toBe(y);
      expect([...all]).toEqual([0, 211, 431, 0]);
      await executable.dispose();
    });

    it('fails with the device, the sizes and the reason', async () => {
      const executable = await (await openDevice({ device, threads: 1 })).load(example(), weights);
      await expect(executable.run({ x: floats([1, 3], 1, 2, 3) })).rejects.toThrow(
        new RegExp(`device ${device}, with x \\[1, 3\\]: the computation failed: `),
      );
      await expect(
        executable.run({ x: { dtype: 'float64', shape: [1, 2], data: Float64Array.of(1, 2) } }),
      ).rejects.toThrow('a float64 tensor cannot be given to a graph. Expected float32, int32');
      await executable.dispose();
    });
  });
}
