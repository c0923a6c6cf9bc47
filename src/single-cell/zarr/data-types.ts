/** @file The data types of Zarr arrays, of format 2 and 3, and how their elements are decoded. */

import type { ElementType, RecordField } from '../encoding/store.ts';
import type { StoredDtype } from '../matrix.ts';
import type { Json, ZarrNode } from './hierarchy.ts';

/** One element. `how` says who decodes it: zarrita, which knows numbers and text of any length, or we, from bytes. */
export interface ZarrType {
  readonly how: 'numbers' | 'text' | 'bytes';
  readonly type: ElementType;
  readonly bigEndian: boolean;
  /** Text of a fixed length: code points of 4 bytes, or single bytes. */
  readonly encoding?: 'utf-32' | 'utf-8';
  readonly fields?: readonly ZarrField[];
}

export interface ZarrField {
  readonly name: string;
  readonly offset: number;
  readonly element: ZarrType;
}

const numpyKinds: Readonly<Record<string, StoredDtype>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

const kindOf = new Map(Object.entries(numpyKinds).map(([kind, dtype]) => [dtype, kind]));

/** How numpy writes a little-endian dtype, as format 2 does. */
export function numpyName(dtype: StoredDtype): string {
  const kind = kindOf.get(dtype)!;
  return `${kind.endsWith('1') ? '|' : '<'}${kind}`;
}

/** The type of an array's elements; kind `other` when it is not known. */
export function typeOf({ version, metadata }: ZarrNode): ZarrType {
  if (version === 2) return numpyType(metadata.dtype);
  return namedType(metadata.data_type, endianOf(metadata.codecs) === 'big');
}

function numpyType(dtype: unknown): ZarrType {
  if (Array.isArray(dtype)) {
    const fields = dtype.map((field: unknown[]) => [
      String(field[0]),
      field.length > 2 ? other(field) : numpyType(field[1]),
    ]);
    return recordType(fields as [string, ZarrType][]);
  }
  const name = String(dtype);
  if (name === '|O') return variableText;
  const [order, kind] = [name[0], name.slice(1)];
  if (kind in numpyKinds) return numberType(numpyKinds[kind], order === '>');
  const width = Number(kind.slice(1));
  if (kind[0] === 'U' && width > 0) return fixedText(4 * width, 'utf-32', order === '>');
  if (kind[0] === 'S' && width > 0) return fixedText(width, 'utf-8', false);
  return other(dtype);
}

function namedType(dataType: unknown, bigEndian: boolean): ZarrType {
  const { name, configuration } = (
    typeof dataType === 'string' ? { name: dataType, configuration: {} } : dataType
  ) as {
    name: string;
    configuration?: { length_bytes?: number; fields?: [string, unknown][] };
  };
  if (name === 'string') return variableText;
  if (kindOf.has(name as StoredDtype)) return numberType(name as StoredDtype, bigEndian);
  const width = configuration?.length_bytes ?? 0;
  if (name === 'fixed_length_utf32' && width > 0) return fixedText(width, 'utf-32', bigEndian);
  if (name === 'null_terminated_bytes' && width > 0) return fixedText(width, 'utf-8', false);
  if ((name === 'structured' || name === 'struct') && Array.isArray(configuration?.fields)) {
    return recordType(configuration.fields.map(([field, type]) => [field, namedType(type, bigEndian)]));
  }
  return other(dataType);
}

/** The byte order that the innermost `bytes` codec of format 3 says. */
function endianOf(codecs: unknown): string | undefined {
  for (const { name, configuration } of (codecs ?? []) as { name: string; configuration?: Json }[]) {
    if (name === 'bytes') return configuration?.endian as string | undefined;
    if (name === 'sharding_indexed') return endianOf(configuration?.codecs);
  }
  return undefined;
}

const variableText: ZarrType = { how: 'text', type: { kind: 'text', bytes: 8 }, bigEndian: false };

function numberType(dtype: StoredDtype, bigEndian: boolean): ZarrType {
  const bytes = Number(kindOf.get(dtype)!.slice(1));
  const type: ElementType = { kind: 'number', bytes, dtype };
  return { how: dtype === 'float16' ? 'bytes' : 'numbers', type, bigEndian };
}

function fixedText(bytes: number, encoding: 'utf-32' | 'utf-8', bigEndian: boolean): ZarrType {
  return { how: 'bytes', type: { kind: 'text', bytes }, bigEndian, encoding };
}

function recordType(members: readonly [string, ZarrType][]): ZarrType {
  const unknown = members.find(([, { type }]) => type.kind === 'other');
  if (unknown !== undefined) return unknown[1];
  let bytes = 0;
  const fields: ZarrField[] = [];
  for (const [name, element] of members) {
    fields.push({ name, offset: bytes, element });
    bytes += element.type.bytes;
  }
  const plain: RecordField[] = fields.map(({ name, element }) => ({ name, shape: [], type: element.type }));
  return { how: 'bytes', type: { kind: 'record', bytes, fields: plain }, bigEndian: false, fields };
}

function other(dataType: unknown): ZarrType {
  const name = `the data type ${JSON.stringify(dataType)}`;
  return { how: 'bytes', type: { kind: 'other', bytes: 1, name }, bigEndian: false };
}
