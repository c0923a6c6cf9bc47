/** @file Records as HDF5 stores them: columns interleaved, text behind pointers. */

import type { WrittenColumn } from '../encoding/sink.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { byteWidth, typeClass } from './element-type.ts';
import type { Hdf5Library } from './library.ts';
import { encodeNumbers } from './numbers.ts';

const pointerBytes = 4;

/** Lays out records in memory and lends them to `write`. */
export function encodeRecords(
  library: Hdf5Library,
  length: number,
  columns: ReadonlyMap<string, WrittenColumn>,
  where: string,
  write: (type: object, bytes: Uint8Array) => void,
): void {
  const texts = [...columns.values()].flatMap((column) => ('dtype' in column ? [] : column.values));
  const encoded = texts.map((text) => new TextEncoder().encode(`${text}\0`));
  const arena = encoded.reduce((sum, { length: own }) => sum + own, 0);
  library.withMemory(arena, (address) => {
    let next = address;
    const pointers = encoded.map((bytes) => {
      library.module.HEAPU8.set(bytes, next);
      next += bytes.length;
      return next - bytes.length;
    });
    const parts = [...columns].map(([name, column]) => {
      if ('dtype' in column) return numberPart(name, column.dtype, column.values, where);
      return textPart(name, pointers.splice(0, length));
    });
    write(...interleave(parts, length));
  });
}

/** A column's member type and bytes. */
interface Part {
  readonly member: { readonly name: string; readonly size: number };
  readonly bytes: Uint8Array;
}

function numberPart(name: string, dtype: StoredDtype, values: NumericArray, where: string): Part {
  const member = {
    name,
    type: dtype.startsWith('float') ? typeClass.float : typeClass.integer,
    size: byteWidth(dtype),
    signed: dtype.startsWith('int'),
    vlen: false,
  };
  return { member, bytes: encodeNumbers(values, dtype, where) };
}

function textPart(name: string, pointers: readonly number[]): Part {
  const member = { name, type: typeClass.text, size: pointerBytes, signed: false, vlen: true, cset: 1 };
  return { member, bytes: new Uint8Array(Uint32Array.from(pointers).buffer) };
}

function interleave(parts: readonly Part[], length: number): [type: object, bytes: Uint8Array] {
  const size = parts.reduce((sum, { member }) => sum + member.size, 0);
  const bytes = new Uint8Array(size * length);
  let offset = 0;
  const members = parts.map(({ member, bytes: own }) => {
    for (let row = 0; row < length; row++) {
      bytes.set(own.subarray(row * member.size, (row + 1) * member.size), row * size + offset);
    }
    offset += member.size;
    return { ...member, offset: offset - member.size };
  });
  const type = {
    type: typeClass.compound,
    size,
    vlen: false,
    compound_type: { nmembers: members.length, members },
  };
  return [type, bytes];
}
