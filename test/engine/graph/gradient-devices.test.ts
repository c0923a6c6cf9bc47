/** @file Gradients on the other devices: WebAssembly, and WebGPU where a software driver is installed. */

import { beforeAll, describe, it } from 'vitest';
import { availableDevices, type Device, openDevice } from '../../../src/runtime/device.ts';
import { needsNativeRuntime } from '../need.ts';
import { provideSoftwareGpu } from '../software-gpu.ts';
import { type Case, gradientGraph, hasLoss, runOn } from './case.ts';
import { expectClose } from './close.ts';
import { cases } from './gradient-cases.ts';
import { interpret } from './interpreter.ts';

needsNativeRuntime();

/** Of each operation its first cases; the processor has them all. */
function fewCases(): (readonly [string, Case])[] {
  return Object.entries(cases).flatMap(([kind, ofKind]) =>
    Object.entries<Case>(ofKind)
      .filter(([, test]) => hasLoss(test))
      .slice(0, kind === 'attention' || kind === 'mixture' ? undefined : 1)
      .map(([title, test]) => [`${kind} ${title}`, test] as const),
  );
}

for (const name of ['wasm', 'webgpu'] as const) {
  describe(`gradients on ${name}`, () => {
    let device: Device | undefined;
    beforeAll(async () => {
      if (name === 'webgpu' && !provideSoftwareGpu()) return;
      if ((await availableDevices()).includes(name)) device = await openDevice({ device: name, threads: 1 });
    });

    for (const [title, test] of fewCases()) {
      it(title, async (context) => {
        if (device === undefined) return context.skip("needs Debian's chromium, for its software WebGPU");
        const { graph, feeds } = gradientGraph(test);
        expectClose(await runOn(device, graph, feeds), interpret(graph, feeds), 1e-5); // their exp is less exact
      });
    }
  });
}
