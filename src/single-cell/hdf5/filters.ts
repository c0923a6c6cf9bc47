/** @file The filters of a chunk that the HDF5 library here lacks: which there are, and undoing them. */

import { decompressLzf } from './lzf.ts';

/** A filter of a dataset's pipeline, in the order it was applied. */
export interface Filter {
  readonly id: number;
  readonly name: string;
}

const shuffle = 2;
const fletcher32 = 3;

/** Filters that the library applies itself. */
const builtIn = new Set([1, shuffle, fletcher32, 5, 6]);

/** Undoes a filter; `length` is the size of a whole chunk. */
type Undo = (bytes: Uint8Array, length: number, width: number) => Uint8Array | Promise<Uint8Array>;

const undo = new Map<number, Undo>([
  [shuffle, (bytes, _, width) => unshuffle(bytes, width)],
  [fletcher32, (bytes) => bytes.subarray(0, bytes.length - 4)],
  [32000, (bytes, length) => decompressLzf(bytes, length)],
  [
    32001,
    async (bytes) => (await import('numcodecs/blosc')).default.fromConfig({ id: 'blosc' }).decode(bytes),
  ],
  [32015, async (bytes) => (await import('numcodecs/zstd')).default.fromConfig({ id: 'zstd' }).decode(bytes)],
]);

/** Names of registered filters that are met and not undone. */
const knownNames = new Map([
  [4, 'szip'],
  [32004, 'lz4'],
  [32008, 'bitshuffle'],
  [32013, 'zfp'],
  [32026, 'blosc2'],
]);

/** How a pipeline can be read: by the library, by undoing it here, or not at all because of one filter. */
export function pipelineReader(filters: readonly Filter[]): 'library' | 'here' | Filter {
  if (filters.every(({ id }) => builtIn.has(id))) return 'library';
  return filters.find(({ id }) => !undo.has(id)) ?? 'here';
}

/** `lz4 (filter 32004)`. */
export function filterName({ id, name }: Filter): string {
  const words = knownNames.get(id) ?? name.split(/[ ;:]/)[0];
  return words === '' ? `filter ${id}` : `${words} (filter ${id})`;
}

/**
 * Undoes a pipeline, last filter first.
 *
 * @param skipped has a bit for each filter that was not applied to this chunk
 * @param length bytes of a whole chunk
 * @param width bytes of an element
 */
export async function undoFilters(
  chunk: Uint8Array,
  filters: readonly Filter[],
  skipped: number,
  length: number,
  width: number,
): Promise<Uint8Array> {
  let bytes = chunk;
  for (let i = filters.length - 1; i >= 0; i--) {
    if ((skipped & (1 << i)) === 0) bytes = await undo.get(filters[i].id)!(bytes, length, width);
  }
  if (bytes.length !== length) throw new Error(`a chunk has ${bytes.length} bytes instead of ${length}`);
  return bytes;
}

/** Shuffling puts the first bytes of all elements first, then the second bytes. */
function unshuffle(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const count = Math.floor(bytes.length / width);
  for (let byte = 0; byte < width; byte++) {
    for (let i = 0; i < count; i++) out[i * width + byte] = bytes[byte * count + i];
  }
  out.set(bytes.subarray(count * width), count * width);
  return out;
}
