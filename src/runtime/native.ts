/** @file The native backend: onnxruntime-node, an optional package that is loaded when it is first needed. */

import type { Backend, DeviceName } from './device.ts';
import { SessionExecutable } from './executable.ts';

type NativeRuntime = typeof import('onnxruntime-node');

async function loadRuntime(): Promise<NativeRuntime | undefined> {
  try {
    const loaded: NativeRuntime & { default?: NativeRuntime } = await import('onnxruntime-node');
    return loaded.default ?? loaded;
  } catch {
    return undefined;
  }
}

/** The devices of the native package; none when it is not installed or cannot be loaded on this platform. */
export async function nativeDevices(): Promise<readonly DeviceName[]> {
  const runtime = await loadRuntime();
  if (runtime === undefined) return [];
  const names = new Set(runtime.listSupportedBackends().map(({ name }) => name));
  return (['cpu', 'webgpu', 'cuda'] as const).filter((name) => names.has(name));
}

/** Opens a device of the native package. */
export async function nativeBackend(device: DeviceName, threads: number | undefined): Promise<Backend> {
  const runtime = await loadRuntime();
  if (runtime === undefined) throw new Error('onnxruntime-node could not be loaded');
  return {
    async createExecutable({ file, weights }) {
      const session = await runtime.InferenceSession.create(file, {
        executionProviders: [device],
        externalData: weights,
        // The next level would fuse "add, add, layer norm" into SkipLayerNormalization, which is 4 times slower on the CPU.
        graphOptimizationLevel: 'basic',
        logSeverityLevel: 3,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      });
      return new SessionExecutable(session, runtime.Tensor, device);
    },
  };
}
