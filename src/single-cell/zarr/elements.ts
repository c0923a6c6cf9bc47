/** @file Elements of fixed size from their bytes: 16-bit floats, text of fixed length, records. */

import { swapBytes } from '../../support/byte-order.ts';
import type { RecordColumn, Records } from '../encoding/store.ts';
import { decodeNumbers } from '../hdf5/numbers.ts';
import type { NumericArray } from '../matrix.ts';
import type { ZarrField, ZarrType } from './data-types.ts';

/** @param where names the array in errors */
export function numbersOf(
  bytes: Uint8Array<ArrayBuffer>,
  { type, bigEndian }: ZarrType,
  where: string,
): NumericArray {
  if (type.kind !== 'number') throw new TypeError(`${where} holds no numbers`);
  if (bigEndian) swapBytes(bytes, type.bytes);
  return decodeNumbers(bytes, type.dtype, where);
}

/** Text of fixed length, zeros at its end dropped. */
export function textOf(bytes: Uint8Array<ArrayBuffer>, { type, encoding, bigEndian }: ZarrType): string[] {
  const count = bytes.length / type.bytes;
  const one = encoding === 'utf-32' ? (at: number) => codePoints(bytes, at, type.bytes, bigEndian) : utf8;
  return Array.from({ length: count }, (_, i) => one(i * type.bytes));

  function utf8(at: number): string {
    return new TextDecoder().decode(bytes.subarray(at, at + type.bytes)).replace(/\0+$/, '');
  }
}

function codePoints(bytes: Uint8Array, at: number, width: number, bigEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, width);
  const points = Array.from({ length: width / 4 }, (_, i) => view.getUint32(4 * i, !bigEndian));
  return String.fromCodePoint(...points.slice(0, points.findLastIndex((point) => point !== 0) + 1));
}

/** Records as one column a field. */
export function recordsOf(
  bytes: Uint8Array<ArrayBuffer>,
  { type, fields }: ZarrType,
  where: string,
): Records {
  return new Map((fields ?? []).map((field) => [field.name, columnOf(bytes, type.bytes, field, where)]));
}

function columnOf(
  bytes: Uint8Array<ArrayBuffer>,
  recordBytes: number,
  { name, offset, element }: ZarrField,
  where: string,
): RecordColumn {
  const rows = bytes.length / recordBytes;
  const width = element.type.bytes;
  const own = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = row * recordBytes + offset;
    own.set(bytes.subarray(from, from + width), row * width);
  }
  const values =
    element.type.kind === 'number'
      ? numbersOf(own, element, `${where}, field ${name}`)
      : textOf(own, element);
  return { shape: [], type: element.type, values };
}
