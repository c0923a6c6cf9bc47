/** @file What an element of an HDF5 dataset or attribute is: a number, text, a record of fields. */

import type { StoredDtype } from '../matrix.ts';
import type { Hdf5Library } from './library.ts';

/** The type of one element and how many bytes it takes in memory. */
export type ElementType =
  | { readonly kind: 'number'; readonly bytes: number; readonly dtype: StoredDtype }
  | {
      readonly kind: 'text';
      readonly bytes: number;
      readonly variable: boolean;
      readonly spacePadded: boolean;
    }
  | { readonly kind: 'record'; readonly bytes: number; readonly fields: readonly RecordField[] }
  | { readonly kind: 'reference'; readonly bytes: number }
  | { readonly kind: 'other'; readonly bytes: number; readonly name: string };

/** One field of a record; `shape` is empty unless the field is an array. */
export interface RecordField {
  readonly name: string;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** How h5wasm describes a dataset or attribute. */
export type Metadata = ReturnType<Hdf5Library['module']['get_dataset_metadata']>;

/** HDF5's numbers of type classes, as h5wasm passes them on. */
export const typeClass = {
  integer: 0,
  float: 1,
  text: 3,
  compound: 6,
  reference: 7,
  enumeration: 8,
  array: 10,
};

const classNames = [
  'integer',
  'float',
  'time',
  'text',
  'bitfield',
  'opaque',
  'compound',
  'reference',
  'enum',
];

const spacePadding = 2; // H5T_STR_SPACEPAD

/** Reads h5wasm's description. */
export function elementType(metadata: Metadata): ElementType {
  const bytes = metadata.size;
  switch (metadata.type) {
    case typeClass.integer:
    case typeClass.float:
      return numberType(metadata.type, metadata);
    case typeClass.enumeration:
      if (isBoolean(metadata)) return { kind: 'number', bytes, dtype: 'bool' };
      return numberType(metadata.enum_type?.type ?? typeClass.integer, metadata);
    case typeClass.text:
      return { kind: 'text', bytes, variable: metadata.vlen, spacePadded: metadata.strpad === spacePadding };
    case typeClass.compound:
      return { kind: 'record', bytes, fields: (metadata.compound_type?.members ?? []).map(recordField) };
    case typeClass.reference:
      return { kind: 'reference', bytes };
    default:
      return { kind: 'other', bytes, name: classNames[metadata.type] ?? 'nested array' };
  }
}

function numberType(base: number, { size, signed }: Metadata): ElementType {
  const dtype = (base === typeClass.float ? `float${size * 8}` : `${signed ? '' : 'u'}int${size * 8}`) as
    | StoredDtype
    | 'float128';
  if (!(dtype in typedArrays)) return { kind: 'other', bytes: size, name: `${size * 8}-bit number` };
  return { kind: 'number', bytes: size, dtype: dtype as StoredDtype };
}

/** h5py and anndata store truth values as an enumeration of FALSE and TRUE. */
function isBoolean(metadata: Metadata): boolean {
  const members = metadata.enum_type?.members ?? {};
  return (
    metadata.size === 1 && members.FALSE === 0 && members.TRUE === 1 && Object.keys(members).length === 2
  );
}

function recordField(member: Metadata & { name: string; offset: number }): RecordField {
  const { name, offset } = member;
  if (member.type !== typeClass.array || member.array_type === undefined) {
    return { name, offset, shape: [], type: elementType(member) };
  }
  return { name, offset, shape: member.array_type.shape ?? [], type: elementType(member.array_type) };
}

/** The typed array that stored elements are viewed through; float16 as its bits. */
export const typedArrays = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Bytes of one stored element. */
export function byteWidth(dtype: StoredDtype): number {
  return typedArrays[dtype].BYTES_PER_ELEMENT;
}

/** Bytes of a reference to text of variable length in a file; in memory it is a pointer of 4. */
const referenceBytes = 16;

/** The type as it lies in the file, where pointers to text are wider than in memory. */
export function typeInFile(type: ElementType): ElementType {
  if (type.kind === 'text' && type.variable) return { ...type, bytes: referenceBytes };
  if (type.kind !== 'record') return type;
  const wider = (before: number) =>
    type.fields.reduce(
      (sum, { offset, type: own }) => sum + (offset < before ? typeInFile(own).bytes - own.bytes : 0),
      0,
    );
  return {
    kind: 'record',
    bytes: type.bytes + wider(Number.POSITIVE_INFINITY),
    fields: type.fields.map((field) => ({
      ...field,
      offset: field.offset + wider(field.offset),
      type: typeInFile(field.type),
    })),
  };
}
