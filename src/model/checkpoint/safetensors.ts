/** @file The safetensors format: a JSON header with names, types and ranges, then the values. */

import { CheckpointError } from '../../support/errors.ts';
import { bytesOf, elementCount, type StateDict, type TensorDtype } from '../../support/tensor.ts';
import { type ByteSource, readRange } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { itemSize, typedArray } from './element-types.ts';

const dtypes: Readonly<Record<string, TensorDtype>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};
const dtypeNames = new Map(Object.entries(dtypes).map(([name, dtype]) => [dtype, name]));

const lengthSize = 8;
/** The bound the format's own library sets. */
const longestHeader = 100_000_000;
const metadataKey = '__metadata__';

/** An opened safetensors file: a checkpoint with texts in its header. */
export interface SafetensorsCheckpoint extends Checkpoint {
  /** The texts kept in the header; empty when there are none. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface StoredTensor {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** Offsets from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Opens a safetensors file: reads its header, no values.
 *
 * @throws CheckpointError when ranges overlap, leave gaps, do not fit their shapes or end beyond the file.
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsCheckpoint> {
  const lengthBytes = await readRange(source, 0, lengthSize, 'the length of its header');
  const headerLength = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
  if (headerLength > longestHeader || lengthSize + headerLength > source.size) {
    throw new CheckpointError({
      what: `the header length ${headerLength} exceeds the file`,
      where: source.name,
      expected: `at most ${Math.min(longestHeader, source.size - lengthSize)} bytes`,
      advice: 'The file is incomplete or damaged: download or copy it again.',
      reason: 'safetensors_header',
    });
  }
  const dataStart = lengthSize + headerLength;
  const header = await readRange(source, lengthSize, headerLength, 'the end of its header');
  const { stored, metadata } = parseHeader(source, new TextDecoder().decode(header));
  checkRanges(source, stored, source.size - dataStart);
  return {
    name: source.name,
    format: 'safetensors',
    tensors: stored,
    wrapper: [],
    metadata,
    read: async (names) => {
      const state: StateDict = new Map();
      for (const [name, { dtype, shape, begin, end }] of stored) {
        if (names !== undefined && !names.has(name)) continue;
        const bytes = await readRange(source, dataStart + begin, end - begin, name);
        state.set(name, { dtype, shape, data: typedArray(dtype, bytes) });
      }
      return state;
    },
  };
}

interface Header {
  readonly stored: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

function parseHeader(source: ByteSource, text: string): Header {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw headerError(source, 'the header is no JSON', cause);
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header)) {
    throw headerError(source, 'the header is no JSON object');
  }
  const stored = new Map<string, StoredTensor>();
  let metadata = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === metadataKey) metadata = parseMetadata(source, entry);
    else stored.set(name, parseEntry(source, name, entry));
  }
  return { stored, metadata };
}

function parseMetadata(source: ByteSource, entry: unknown): Record<string, string> {
  const texts = Object.entries(entry ?? {});
  if (typeof entry === 'object' && texts.every(([, text]) => typeof text === 'string')) {
    return Object.fromEntries(texts);
  }
  throw headerError(source, `${metadataKey} holds something other than texts`);
}

function parseEntry(source: ByteSource, name: string, entry: unknown): StoredTensor {
  const { dtype: dtypeName, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const dtype =
    typeof dtypeName === 'string' && Object.hasOwn(dtypes, dtypeName) ? dtypes[dtypeName] : undefined;
  if (dtype === undefined) {
    throw headerError(
      source,
      `${name} has the element type ${JSON.stringify(dtypeName)}, which is not supported`,
    );
  }
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw headerError(source, `${name} has no usable shape or data_offsets`);
  }
  const [begin, end] = offsets;
  const size = elementCount(shape) * itemSize(dtype);
  if (end - begin !== size) {
    throw headerError(source, `${name} has ${end - begin} bytes for a shape [${shape}] that takes ${size}`);
  }
  return { dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Ranges must follow each other without overlap or gap and end where the file ends. */
function checkRanges(source: ByteSource, stored: ReadonlyMap<string, StoredTensor>, available: number): void {
  const ordered = [...stored].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  let before = 'the header';
  for (const [name, { begin, end }] of ordered) {
    if (begin < reached) throw headerError(source, `${name} and ${before} overlap in their data offsets`);
    if (begin > reached) throw headerError(source, `bytes between ${before} and ${name} belong to no tensor`);
    reached = end;
    before = name;
  }
  if (reached === available) return;
  throw new CheckpointError({
    what:
      reached > available
        ? `the data end early, inside ${before}`
        : 'bytes after the last tensor belong to none',
    where: source.name,
    expected: `${reached} bytes of values, but there are ${available}`,
    advice: 'The file is incomplete or damaged: download or copy it again.',
    reason: reached > available ? 'truncated' : 'safetensors_header',
  });
}

function headerError(source: ByteSource, what: string, cause?: unknown): CheckpointError {
  return new CheckpointError({
    what,
    where: source.name,
    expected: 'a header as the safetensors format describes it',
    advice: 'The file is damaged or was written wrongly: download or convert it again.',
    reason: 'safetensors_header',
    cause,
  });
}

/**
 * Encodes tensors as a safetensors file, in parts to be written one after the other; values are not copied.
 * Names keep their order in the header; values lie by falling element size, so that all are aligned.
 *
 * @param metadata texts kept in the header
 */
export function encodeSafetensors(state: StateDict, metadata: Record<string, string> = {}): Uint8Array[] {
  const byElementSize = [...state].sort(([, a], [, b]) => itemSize(b.dtype) - itemSize(a.dtype));
  const begins = new Map<string, number>();
  let end = 0;
  for (const [name, tensor] of byElementSize) {
    begins.set(name, end);
    end += tensor.data.byteLength;
  }
  const entries = [...state].map(([name, { dtype, shape, data }]) => {
    const begin = begins.get(name)!;
    return [name, { dtype: dtypeNames.get(dtype), shape, data_offsets: [begin, begin + data.byteLength] }];
  });
  const header = {
    ...(Object.keys(metadata).length > 0 && { [metadataKey]: metadata }),
    ...Object.fromEntries(entries),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8; // spaces up to a multiple of eight keep the values aligned
  const head = new Uint8Array(lengthSize + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(text, lengthSize);
  return [head, ...byElementSize.map(([, tensor]) => bytesOf(tensor))];
}
