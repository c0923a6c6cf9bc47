/** @file Reads a fixture: its case.json and the tensors beside it. */

import { readFileSync } from 'node:fs';

type Values = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface Golden<Case> {
  readonly about: Case;
  /** Every tensor's name, in the file's order. */
  readonly names: readonly string[];
  has(name: string): boolean;
  shape(name: string): readonly number[];
  f32(name: string): Float32Array;
  f64(name: string): Float64Array;
  /** Stored 64-bit integers arrive as doubles. */
  integers(name: string): Float64Array;
  i32(name: string): Int32Array;
  u8(name: string): Uint8Array;
  numbers(name: string): Values;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Opens `test/fixtures/data/<name>`; `Case` describes the parts of case.json the test uses. */
export function golden<Case>(name: string): Golden<Case> {
  const folder = new URL(`../../fixtures/data/${name}/`, import.meta.url);
  const about = JSON.parse(readFileSync(new URL('case.json', folder), 'utf8')) as Case;
  const bytes = readFileSync(new URL('tensors.safetensors', folder));
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<string, Entry>;
  const entries = new Map(Object.entries(header).filter(([key]) => key !== '__metadata__'));

  const raw = (key: string, dtype: string): ArrayBuffer => {
    const entry = entries.get(key);
    if (entry === undefined) throw new Error(`${name} has no tensor ${key}`);
    if (entry.dtype !== dtype) throw new Error(`${name}/${key} is ${entry.dtype}, not ${dtype}`);
    const [begin, end] = entry.data_offsets;
    return Uint8Array.prototype.slice.call(bytes, 8 + headerLength + begin, 8 + headerLength + end).buffer;
  };
  const reader: Golden<Case> = {
    about,
    names: [...entries.keys()],
    has: (key) => entries.has(key),
    shape: (key) => entries.get(key)?.shape ?? [],
    f32: (key) => new Float32Array(raw(key, 'F32')),
    f64: (key) => new Float64Array(raw(key, 'F64')),
    i32: (key) => new Int32Array(raw(key, 'I32')),
    u8: (key) => new Uint8Array(raw(key, 'U8')),
    integers: (key) => Float64Array.from(new BigInt64Array(raw(key, 'I64')), Number),
    numbers: (key) => {
      const dtype = entries.get(key)?.dtype;
      if (dtype === 'F32') return reader.f32(key);
      if (dtype === 'F64') return reader.f64(key);
      if (dtype === 'I32') return reader.i32(key);
      if (dtype === 'U8') return reader.u8(key);
      return reader.integers(key);
    },
  };
  return reader;
}
