/** @file One array as the store that zarrita reads: its metadata and chunks, and what to do where a chunk is missing. */

import type { AbsolutePath, AsyncReadable, RangeQuery } from 'zarrita';
import { InputError } from '../../support/errors.ts';
import { join } from '../encoding/store.ts';
import { endsInBlosc, requireWholeFrame } from './blosc.ts';
import type { ZarrType } from './data-types.ts';
import type { StoreFiles } from './files.ts';
import type { Json, ZarrNode } from './hierarchy.ts';

/** Told the chunk's coordinates, such as `3.0`; throws where that is an error. */
export type MissingChunk = (name: string) => void;

/**
 * The array is put at the root, for zarrita resolves paths as URLs, in which a column named `pct#1` would break.
 * Elements it does not know are shown to it as bytes along one more axis.
 */
export function chunkStore(
  files: StoreFiles,
  path: string,
  node: ZarrNode,
  element: ZarrType,
  onMissing: MissingChunk,
  where: string,
): AsyncReadable {
  const metadata = element.how === 'bytes' ? asBytes(node, element.type.bytes, where) : node.metadata;
  const metadataKey = node.version === 2 ? '/.zarray' : '/zarr.json';
  const framed = endsInBlosc(node);
  const known = (key: string, bytes: Uint8Array | undefined, isChunk: boolean) => {
    if (bytes === undefined) onMissing(chunkName(key));
    else if (framed && isChunk) requireWholeFrame(bytes);
    return bytes;
  };
  return {
    async get(key: AbsolutePath) {
      if (key === metadataKey) return new TextEncoder().encode(JSON.stringify(metadata));
      return known(key, await files.get(join(path, key.slice(1))), true);
    },
    async getRange(key: AbsolutePath, range: RangeQuery) {
      const inFile = join(path, key.slice(1));
      const isIndex = 'suffixLength' in range; // a shard's
      const [offset, length] = isIndex
        ? [-range.suffixLength, range.suffixLength]
        : [range.offset, range.length];
      return known(key, await files.range(inFile, offset, length), !isIndex);
    },
  };
}

/** `/c/3/0`, `/3.0` and `/3/0` are chunk 3.0. */
function chunkName(key: string): string {
  return (key.match(/\d+/g) ?? ['0']).join('.');
}

function asBytes({ version, metadata }: ZarrNode, width: number, where: string): Json {
  if (version === 2) {
    const chunks = metadata.chunks as number[];
    if ((metadata.filters as unknown[] | null)?.length || (metadata.order === 'F' && chunks.length > 1)) {
      throw unsupported(where);
    }
    const shape = [...(metadata.shape as number[]), width];
    return { ...metadata, dtype: '|u1', order: 'C', shape, chunks: [...chunks, width], fill_value: 0 };
  }
  const grid = metadata.chunk_grid as { configuration: { chunk_shape: number[] } };
  return {
    ...metadata,
    data_type: 'uint8',
    shape: [...(metadata.shape as number[]), width],
    chunk_grid: {
      name: 'regular',
      configuration: { chunk_shape: [...grid.configuration.chunk_shape, width] },
    },
    codecs: byteCodecs(metadata.codecs, width, where),
    fill_value: 0,
  };
}

function byteCodecs(codecs: unknown, width: number, where: string): Json[] {
  return ((codecs ?? []) as { name: string; configuration?: Json }[]).map((codec) => {
    if (codec.name === 'sharding_indexed') {
      const inner = codec.configuration as { chunk_shape: number[]; codecs: unknown };
      const chunk_shape = [...inner.chunk_shape, width];
      return {
        ...codec,
        configuration: { ...inner, chunk_shape, codecs: byteCodecs(inner.codecs, width, where) },
      };
    }
    if (elementCodecs.has(codec.name)) throw unsupported(where);
    return codec;
  });
}

/** Codecs that work on elements, not on their bytes. */
const elementCodecs = new Set([
  'transpose',
  'cast_value',
  'scale_offset',
  'bitround',
  'numcodecs.delta',
  'numcodecs.bitround',
]);

function unsupported(where: string): InputError {
  return new InputError({
    what: 'its filters cannot be undone for elements of this type',
    where,
    advice: 'Write it again without filters.',
    reason: 'unknown_codec',
  });
}
