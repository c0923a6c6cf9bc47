/** @file Backends in Node: onnxruntime-node, an optional package loaded when first needed, and onnxruntime-web as WebAssembly. */

import { availableParallelism } from 'node:os';
import type { DeviceName } from './device.ts';
import type { Backend } from './executable.ts';
import { sessionBackend } from './session.ts';

type NativeRuntime = typeof import('onnxruntime-node');

async function nativeRuntime(): Promise<NativeRuntime | undefined> {
  try {
    const loaded: NativeRuntime & { default?: NativeRuntime } = await import('onnxruntime-node');
    return loaded.default ?? loaded;
  } catch {
    return undefined; // not installed, or built for another platform
  }
}

/** The devices that can be opened, the best first. */
export async function nodeDevices(): Promise<readonly DeviceName[]> {
  const native = await nativeRuntime();
  const names = new Set(native?.listSupportedBackends().map(({ name }) => name));
  return [...(['cpu', 'webgpu', 'cuda'] as const).filter((name) => names.has(name)), 'wasm'];
}

/**
 * Opens one of {@link nodeDevices}.
 *
 * @param threads default: the processors this process may use. ONNX Runtime's own default counts the whole machine,
 *   also inside a container or a Slurm job, and pins its threads to cores that others may be using.
 */
export async function nodeBackend(device: DeviceName, threads = availableParallelism()): Promise<Backend> {
  if (device === 'wasm') {
    const runtime = await import('onnxruntime-web');
    runtime.env.wasm.numThreads = threads;
    return sessionBackend(runtime, { provider: device, writesIntoFetches: false });
  }
  const runtime = await nativeRuntime();
  if (runtime === undefined) throw new Error('onnxruntime-node could not be loaded');
  runtime.env.logLevel = 'fatal';
  return sessionBackend(runtime, { provider: device, threads, writesIntoFetches: true });
}
