/** @file The metadata of arrays that are written, in format 2 and 3, as zarr-python writes them. */

import { byteWidth } from '../hdf5/element-type.ts';
import type { StoredDtype } from '../matrix.ts';
import { numpyName } from './data-types.ts';
import type { Json } from './hierarchy.ts';

/** Fixed text within records, by its longest value. */
export interface FixedText {
  readonly codePoints: number;
}

/** What the elements of an array to write are. */
export type WrittenType =
  | { readonly kind: 'number'; readonly dtype: StoredDtype }
  | { readonly kind: 'text' }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [string, StoredDtype | FixedText])[] };

/** zstd at its default level: what zarr-python takes for format 3, and known to every reader of format 2 as well. */
const level = 0;

/** The compressor's name and configuration for zarrita's registry. */
export const compressor = { name: 'zstd', configuration: { level } } as const;

export function arrayMetadata(
  version: 2 | 3,
  type: WrittenType,
  shape: readonly number[],
  chunks: readonly number[],
): Json {
  return version === 2 ? metadata2(type, shape, chunks) : metadata3(type, shape, chunks);
}

function metadata2(type: WrittenType, shape: readonly number[], chunks: readonly number[]): Json {
  return {
    zarr_format: 2,
    shape,
    chunks,
    dtype: dtype2(type),
    fill_value: fillValue(type),
    order: 'C',
    filters: type.kind === 'text' ? [{ id: 'vlen-utf8' }] : null,
    dimension_separator: '.',
    compressor: { id: 'zstd', level },
  };
}

function dtype2(type: WrittenType): unknown {
  if (type.kind === 'text') return '|O';
  if (type.kind === 'number') return numpyName(type.dtype);
  return type.fields.map(([name, field]) => [
    name,
    typeof field === 'string' ? numpyName(field) : `<U${field.codePoints}`,
  ]);
}

function metadata3(type: WrittenType, shape: readonly number[], chunks: readonly number[]): Json {
  const toBytes =
    type.kind === 'text'
      ? { name: 'vlen-utf8', configuration: {} }
      : { name: 'bytes', configuration: { endian: 'little' } };
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dataType3(type),
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: fillValue(type),
    codecs: [toBytes, { name: 'zstd', configuration: { level, checksum: false } }],
    storage_transformers: [],
  };
}

function dataType3(type: WrittenType): unknown {
  if (type.kind === 'text') return 'string';
  if (type.kind === 'number') return type.dtype;
  const fields = type.fields.map(([name, field]) => [
    name,
    typeof field === 'string'
      ? field
      : { name: 'fixed_length_utf32', configuration: { length_bytes: 4 * field.codePoints } },
  ]);
  return { name: 'structured', configuration: { fields } };
}

/** Zero of each type; of records, their zero bytes in base 64. */
function fillValue(type: WrittenType): unknown {
  if (type.kind === 'text') return '';
  if (type.kind === 'number') return type.dtype === 'bool' ? false : 0;
  return btoa('\0'.repeat(type.fields.reduce((sum, [, field]) => sum + fieldBytes(field), 0)));
}

/** Bytes that a field takes in each record. */
export function fieldBytes(field: StoredDtype | FixedText): number {
  return typeof field === 'string' ? byteWidth(field) : 4 * field.codePoints;
}
