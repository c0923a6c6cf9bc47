/**
 * @file Types that h5wasm cannot write: booleans, 16-bit floats, datasets without extent.
 *
 * They are first written as stubs, with elements of the right size in a type that h5wasm can write and that takes at
 * least as many bytes in the object's header; when the file is closed, the type in the header is exchanged. Every
 * byte that is exchanged is checked before, so that a change of h5wasm's fails instead of damaging a file.
 */

import { typeClass } from './element-type.ts';
import type { FileBytes, Hdf5Library } from './library.ts';
import {
  baseAddress,
  type HeaderMessage,
  headerMessages,
  messageType,
  patchMessage,
  viewOf,
} from './object-header.ts';

/** An object, or an attribute of it, whose type is to be exchanged. */
export interface Stub {
  readonly path: string;
  readonly attribute?: string;
  readonly becomes: 'bool' | 'float16' | 'empty';
}

/** Names the one member of a stub's type; long enough that the type takes the bytes of what replaces it. */
const marker = 'stub of another type';

/** The type of a stub: a compound with one integer in it. */
export function stubType(size: number): object {
  const member = { name: marker, offset: 0, type: typeClass.integer, size, signed: true, vlen: false };
  return { type: typeClass.compound, size, vlen: false, compound_type: { nmembers: 1, members: [member] } };
}

/** An enumeration of int8 with FALSE = 0 and TRUE = 1, as h5py and anndata store booleans. Version 1. */
const boolType = Uint8Array.from([
  ...[0x18, 2, 0, 0, 1, 0, 0, 0], // enumeration of 2 members, 1 byte
  ...[0x10, 8, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0], // of signed 8-bit integers
  ...new TextEncoder().encode('FALSE\0\0\0TRUE\0\0\0\0'),
  ...[0, 1],
]);

/** IEEE 754 binary16, little-endian. Version 1. */
const float16Type = Uint8Array.from([
  ...[0x11, 0x20, 15, 0, 2, 0, 0, 0], // float, implied leading bit, sign at bit 15, 2 bytes
  ...[0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0], // 16 bits; exponent of 5 at 10, fraction of 10 at 0, bias 15
]);

/** A dataspace without extent. Version 2. */
const emptySpace = Uint8Array.from([2, 0, 0, 2]);

/**
 * Exchanges the types of stubs in a closed file.
 *
 * @param addresses the objects' headers, relative to the file's base address
 */
export function turnStubs(
  library: Hdf5Library,
  path: string,
  stubs: readonly Stub[],
  addresses: readonly number[],
): void {
  if (stubs.length === 0) return;
  const bytes = library.bytes(path, 'r+');
  try {
    const base = baseAddress(bytes);
    for (const [i, stub] of stubs.entries()) turn(bytes, headerMessages(bytes, base, addresses[i]), stub);
  } finally {
    bytes.close();
  }
}

function turn(bytes: FileBytes, messages: readonly HeaderMessage[], stub: Stub): void {
  if (stub.becomes === 'empty') {
    const space = messages.find(({ type }) => type === messageType.dataspace);
    if (space === undefined || bytes.read(space.offset, 2)[1] !== 1) throw unexpected(stub); // one dimension, of 0
    patchMessage(bytes, space, space.offset, emptySpace);
    return;
  }
  const [message, offset] = typeOf(bytes, messages, stub);
  const exchanged = stub.becomes === 'bool' ? boolType : float16Type;
  const found = bytes.read(offset, 8 + marker.length);
  const isStub =
    (found[0] & 15) === typeClass.compound &&
    viewOf(found).getUint32(4, true) === (stub.becomes === 'bool' ? 1 : 2) &&
    new TextDecoder().decode(found.subarray(8)) === marker;
  if (!isStub || offset + exchanged.length > message.offset + message.size) throw unexpected(stub);
  patchMessage(bytes, message, offset, exchanged);
}

/** The message that holds the type, and where in the file the type begins. */
function typeOf(bytes: FileBytes, messages: readonly HeaderMessage[], stub: Stub): [HeaderMessage, number] {
  for (const message of messages) {
    if (stub.attribute === undefined) {
      if (message.type === messageType.datatype) return [message, message.offset];
    } else if (message.type === messageType.attribute) {
      const [name, offset] = attributeType(bytes.read(message.offset, message.size));
      if (name === stub.attribute) return [message, message.offset + offset];
    }
  }
  throw unexpected(stub);
}

/** The name of an attribute message and where in it its type begins. */
function attributeType(content: Uint8Array): [name: string, offset: number] {
  const version = content[0];
  const nameLength = viewOf(content).getUint16(2, true);
  const nameAt = version === 3 ? 9 : 8;
  const name = new TextDecoder().decode(content.subarray(nameAt, nameAt + nameLength - 1));
  return [name, nameAt + (version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength)];
}

function unexpected({ path, attribute }: Stub): Error {
  return new Error(
    `the type of ${path}${attribute === undefined ? '' : `, attribute ${attribute}`} is not as written`,
  );
}
