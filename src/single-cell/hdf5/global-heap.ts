/** @file Text of variable length as it lies in the file: references into HDF5's global heap. */

import type { FileBytes } from './library.ts';
import { baseAddress, viewOf } from './object-header.ts';

/** Bytes of a reference: length, address of a heap collection, number of the object in it. */
const referenceBytes = 16;

/** Objects of one collection by number. */
type Collection = Map<number, Uint8Array>;

/**
 * Follows references, for text whose dataset the library cannot decompress.
 *
 * @throws Error when a collection is damaged
 */
export function textOfReferences(bytes: FileBytes, references: Uint8Array): string[] {
  const base = baseAddress(bytes);
  const collections = new Map<number, Collection>();
  const decoder = new TextDecoder();
  const view = viewOf(references);
  return Array.from({ length: references.length / referenceBytes }, (_, i) => {
    const length = view.getUint32(i * referenceBytes, true);
    if (length === 0) return '';
    const address = Number(view.getBigUint64(i * referenceBytes + 4, true));
    let collection = collections.get(address);
    if (collection === undefined) {
      collection = readCollection(bytes, base + address);
      collections.set(address, collection);
    }
    const object = collection.get(view.getUint32(i * referenceBytes + 12, true));
    if (object === undefined) throw new Error('a reference to text leads nowhere');
    const text = decoder.decode(object.subarray(0, length));
    const zero = text.indexOf('\0');
    return zero < 0 ? text : text.slice(0, zero);
  });
}

function readCollection(bytes: FileBytes, offset: number): Collection {
  const head = bytes.read(offset, 16);
  if (String.fromCharCode(...head.subarray(0, 4)) !== 'GCOL') throw new Error('the heap of texts is damaged');
  const content = bytes.read(offset, Number(viewOf(head).getBigUint64(8, true)));
  const view = viewOf(content);
  const objects: Collection = new Map();
  for (let at = 16; at + 16 <= content.length; ) {
    const index = view.getUint16(at, true);
    const size = Number(view.getBigUint64(at + 8, true));
    if (index === 0) break; // the free space at the end
    objects.set(index, content.subarray(at + 16, at + 16 + size));
    at += 16 + Math.ceil(size / 8) * 8;
  }
  return objects;
}
