/** @file Backends in a browser page or worker: onnxruntime-web as WebGPU and as WebAssembly. */

import type { DeviceName } from './device.ts';
import type { Backend } from './executable.ts';
import { sessionBackend } from './session.ts';

/** The devices that can be opened, the best first. */
export async function pageDevices(): Promise<readonly DeviceName[]> {
  return (await hasWebGpu()) ? ['webgpu', 'wasm'] : ['wasm'];
}

async function hasWebGpu(): Promise<boolean> {
  if (!('gpu' in navigator)) return false;
  const gpu = navigator.gpu as { requestAdapter(): Promise<unknown> };
  return (await gpu.requestAdapter()) !== null;
}

/** Opens one of {@link pageDevices}. More than one thread needs a cross-origin isolated page. */
export async function pageBackend(device: DeviceName, threads: number | undefined): Promise<Backend> {
  const runtime =
    device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  if (threads !== undefined) runtime.env.wasm.numThreads = threads;
  return sessionBackend(runtime, { provider: device, writesIntoFetches: false });
}
