/** @file Elements as they lie in memory to values: numbers, text behind pointers, records as columns. */

import type { NumericArray } from '../matrix.ts';
import type { ElementType, RecordField } from './element-type.ts';
import { decodeNumbers } from './numbers.ts';

/** A column of records: a number array's values row by row, or text. */
export interface RecordColumn {
  readonly shape: readonly number[]; // of each row's value
  readonly type: ElementType;
  readonly values: NumericArray | string[];
}

/** Records as named columns. */
export type Records = Map<string, RecordColumn>;

/** Values of elements: references stay bytes. */
export type Decoded = NumericArray | string[] | Uint8Array[] | Records;

/** Follows pointers, or references in the file, to text of variable length. */
export type FollowText = (pointers: Uint8Array<ArrayBuffer>) => string[];

/** @param where names the dataset in errors */
export function decodeElements(
  bytes: Uint8Array<ArrayBuffer>,
  type: ElementType,
  followText: FollowText,
  where: string,
): Decoded {
  switch (type.kind) {
    case 'number':
      return decodeNumbers(bytes, type.dtype, where);
    case 'text':
      return type.variable ? followText(bytes) : fixedText(bytes, type.bytes, type.spacePadded);
    case 'record':
      return new Map(
        type.fields.map((field) => [field.name, column(bytes, field, type.bytes, followText, where)]),
      );
    default: {
      const count = bytes.length / type.bytes;
      return Array.from({ length: count }, (_, i) => bytes.slice(i * type.bytes, (i + 1) * type.bytes));
    }
  }
}

function fixedText(bytes: Uint8Array, width: number, spacePadded: boolean): string[] {
  const decoder = new TextDecoder();
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => {
    const padded = bytes.subarray(i * width, (i + 1) * width);
    const zero = padded.indexOf(0);
    const text = decoder.decode(zero < 0 ? padded : padded.subarray(0, zero));
    return spacePadded ? text.replace(/ +$/, '') : text;
  });
}

function column(
  bytes: Uint8Array<ArrayBuffer>,
  field: RecordField,
  recordBytes: number,
  followText: FollowText,
  where: string,
): RecordColumn {
  const rows = bytes.length / recordBytes;
  const width = field.shape.reduce((product, extent) => product * extent, field.type.bytes);
  const own = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = row * recordBytes + field.offset;
    own.set(bytes.subarray(from, from + width), row * width);
  }
  const values = decodeElements(own, field.type, followText, `${where}, field ${field.name}`);
  return { shape: field.shape, type: field.type, values: values as NumericArray | string[] };
}
