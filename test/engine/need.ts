/** @file What engine tests need: the native ONNX Runtime, an optional package. Without it they skip and say so. */

import { beforeEach } from 'vitest';

/** The package, or undefined where it is not installed. */
export const nativeRuntime = await import('onnxruntime-node').catch(() => undefined);

/** Skips every test of a file where the native runtime is missing. */
export function needsNativeRuntime(): void {
  beforeEach((context) => {
    if (nativeRuntime === undefined) context.skip('needs the optional package onnxruntime-node');
  });
}
