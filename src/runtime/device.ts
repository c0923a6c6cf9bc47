/** @file Devices: where graphs run. The one door to ONNX Runtime, native in Node and WebAssembly or WebGPU in a page. */

import type { Graph } from '../graph/graph.ts';
import { lower, type ParameterPlacement } from '../graph/onnx/lower.ts';
import { encodeModel } from '../graph/onnx/model.ts';
import { concatenate } from '../graph/onnx/protobuf.ts';
import { DeviceError, UsageError } from '../support/errors.ts';
import { bytesOf, type StateDict } from '../support/tensor.ts';
import type { Backend, Executable } from './executable.ts';

/** Devices by name. `cpu`, `cuda` need the native package; `wasm` runs everywhere; `webgpu` in both. */
export type DeviceName = 'cpu' | 'webgpu' | 'cuda' | 'wasm';

/** Options of {@link openDevice}. */
export interface DeviceOptions {
  /** Default `auto`: the native CPU where its package is installed, else WebGPU in a page that has it, else WebAssembly. */
  readonly device?: DeviceName | 'auto' | undefined;
  /** Threads of one computation, default the processors this process may use. Inference does not depend on it; sums of training do, in their last bits. */
  readonly threads?: number | undefined;
}

/** A place where graphs run. */
export interface Device {
  readonly name: DeviceName;
  /**
   * Makes a graph ready to run.
   *
   * @param parameters a value for every parameter of the graph, kept by reference while loading; `given` when they come
   *   with every run like inputs, as in training
   */
  load(graph: Graph, parameters: StateDict | 'given'): Promise<Executable>;
}

/**
 * Opens a device.
 *
 * @throws UsageError when the device is not available here; the message says which are
 */
export async function openDevice({ device = 'auto', threads }: DeviceOptions = {}): Promise<Device> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new UsageError({
      what: `threads is ${threads}`,
      expected: 'a whole number above 0',
      reason: 'threads',
    });
  }
  const available = await availableDevices();
  const name = device === 'auto' ? available[0] : device;
  if (!available.includes(name)) {
    throw new UsageError({
      what: `the device '${name}' is not available here`,
      expected: available.join(' or '),
      advice: adviceFor(name),
      reason: 'device',
    });
  }
  const backend = await openBackend(name, threads);
  return {
    name,
    async load(graph, parameters) {
      const given = parameters === 'given';
      const placement: ParameterPlacement = given ? { in: 'inputs' } : { in: 'files', values: parameters };
      const parts = encodeModel(lower(graph, { profile: name, parameters: placement }));
      const weights = given
        ? []
        : [...graph.parameters.keys()].map((path) => ({ path, data: parameterBytes(parameters, path) }));
      try {
        return await backend.createExecutable({ file: concatenate(parts), weights, asWritten: given });
      } catch (error) {
        throw loadFailure(name, error);
      }
    },
  };
}

/** The devices whose software is here, the best first. Whether the hardware is shows when a graph is loaded. */
export async function availableDevices(): Promise<readonly DeviceName[]> {
  return inNode() ? (await import('./node.ts')).nodeDevices() : (await import('./page.ts')).pageDevices();
}

async function openBackend(name: DeviceName, threads: number | undefined): Promise<Backend> {
  return inNode()
    ? (await import('./node.ts')).nodeBackend(name, threads)
    : (await import('./page.ts')).pageBackend(name, threads);
}

function inNode(): boolean {
  return typeof process !== 'undefined' && process.versions?.node !== undefined;
}

function adviceFor(name: DeviceName): string {
  switch (name) {
    case 'cpu':
      return 'Install the optional package onnxruntime-node, or use wasm';
    case 'cuda':
      return 'CUDA needs Linux or Windows on x64 and onnxruntime-node with its CUDA libraries';
    case 'webgpu':
      return 'WebGPU needs onnxruntime-node, or a browser and a graphics driver that offer it';
    case 'wasm':
      return 'Reinstall scgpt with its dependencies';
  }
}

function parameterBytes(parameters: StateDict, name: string): Uint8Array {
  const parameter = parameters.get(name);
  if (parameter === undefined)
    throw new DeviceError({ what: `parameter '${name}' has no value`, reason: 'parameter' });
  return bytesOf(parameter);
}

function loadFailure(name: DeviceName, error: unknown): DeviceError {
  return new DeviceError({
    what: `the model could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
    where: `device ${name}`,
    advice: name === 'webgpu' || name === 'cuda' ? `${adviceFor(name)}, or use another device` : undefined,
    reason: 'load',
    cause: error,
  });
}
