/** @file Elements of text and records to bytes. */

import type { WrittenColumn } from '../encoding/sink.ts';
import { encodeNumbers } from '../hdf5/numbers.ts';
import type { StoredDtype } from '../matrix.ts';
import { type FixedText, fieldBytes, type WrittenType } from './array-metadata.ts';

/** numcodecs' vlen-utf8: the number of texts, then each with its length before it. */
export function encodeText(values: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  const texts = values.map((value) => encoder.encode(value));
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.length, 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, texts.length, true);
  let at = 4;
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** Records with their fields packed one after the other, text as code points of the longest one's length. */
export function encodeRecords(
  length: number,
  columns: ReadonlyMap<string, WrittenColumn>,
  where: string,
): { readonly type: WrittenType & { kind: 'record' }; readonly bytes: Uint8Array } {
  const fields = [...columns].map(([name, column]) => [name, fieldOf(column)] as const);
  const width = fields.reduce((sum, [, field]) => sum + fieldBytes(field), 0);
  const bytes = new Uint8Array(length * width);
  let offset = 0;
  for (const [name, field] of fields) {
    const own = fieldValues(columns.get(name)!, field, `${where}, field ${name}`);
    const size = fieldBytes(field);
    for (let row = 0; row < length; row++) {
      bytes.set(own.subarray(row * size, (row + 1) * size), row * width + offset);
    }
    offset += size;
  }
  return { type: { kind: 'record', fields }, bytes };
}

function fieldOf(column: WrittenColumn): StoredDtype | FixedText {
  if ('dtype' in column) return column.dtype;
  return { codePoints: column.values.reduce((most, text) => Math.max(most, [...text].length), 1) };
}

function fieldValues(column: WrittenColumn, field: StoredDtype | FixedText, where: string): Uint8Array {
  if ('dtype' in column) return encodeNumbers(column.values, column.dtype, where);
  const { codePoints } = field as FixedText;
  const bytes = new Uint8Array(column.values.length * codePoints * 4);
  const view = new DataView(bytes.buffer);
  column.values.forEach((text, row) => {
    [...text].forEach((character, i) => {
      view.setUint32(4 * (row * codePoints + i), character.codePointAt(0)!, true);
    });
  });
  return bytes;
}
