/** @file Reads the fixtures of models with a reader of its own, so that the one under test is not its own judge. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StateDict, TensorDtype } from '../../../src/support/tensor.ts';

const dtypes: Record<string, [TensorDtype, (buffer: ArrayBuffer) => never]> = {
  F32: ['float32', (buffer) => new Float32Array(buffer) as never],
  F16: ['float16', (buffer) => new Uint16Array(buffer) as never],
  BF16: ['bfloat16', (buffer) => new Uint16Array(buffer) as never],
  I64: ['int64', (buffer) => new BigInt64Array(buffer) as never],
  BOOL: ['bool', (buffer) => new Uint8Array(buffer) as never],
};

/** The path of something under `test/fixtures/model`. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/model/${name}`, import.meta.url));
}

export function fixtureJson<T>(name: string): T {
  return JSON.parse(readFileSync(fixturePath(name), 'utf8')) as T;
}

/** The tensors of a fixture whose name begins with `prefix`, without it. */
export function fixtureTensors(name: string, prefix = ''): StateDict {
  const bytes = readFileSync(fixturePath(name));
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const state: StateDict = new Map();
  for (const [key, entry] of Object.entries(header)) {
    if (key === '__metadata__' || !key.startsWith(prefix)) continue;
    const [dtype, view] = dtypes[entry.dtype];
    const [begin, end] = entry.data_offsets;
    const values = Uint8Array.prototype.slice.call(bytes, start + begin, start + end);
    state.set(key.slice(prefix.length), { dtype, shape: entry.shape, data: view(values.buffer) });
  }
  return state;
}
