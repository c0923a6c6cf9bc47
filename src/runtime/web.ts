/** @file The portable backend: onnxruntime-web, as WebAssembly in Node and pages and as WebGPU in pages. */

import type { Backend } from './device.ts';
import { SessionExecutable } from './executable.ts';

/** True when this page can get a WebGPU adapter. */
export async function hasWebGpu(): Promise<boolean> {
  if (!('gpu' in navigator)) return false;
  const gpu = navigator.gpu as { requestAdapter(): Promise<unknown> };
  return (await gpu.requestAdapter()) !== null;
}

/** Opens WebAssembly or WebGPU. More than one thread needs a cross-origin isolated page. */
export async function webBackend(device: 'wasm' | 'webgpu', threads: number | undefined): Promise<Backend> {
  const runtime =
    device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  if (threads !== undefined) runtime.env.wasm.numThreads = threads;
  return {
    async createExecutable({ file, weights }) {
      const session = await runtime.InferenceSession.create(file, {
        executionProviders: [device],
        externalData: weights,
        graphOptimizationLevel: 'basic',
        logSeverityLevel: 3,
      });
      return new SessionExecutable(session, runtime.Tensor, device);
    },
  };
}
