/** @file The header of an HDF5 object as bytes: where each of its messages lies. HDF5 file format, IV.A. */

import type { FileBytes } from './library.ts';

/** Message types that are used here. */
export const messageType = {
  dataspace: 0x01,
  datatype: 0x03,
  link: 0x06,
  layout: 0x08,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
};

/** A run of messages: all of a version 1 header, or one checksummed chunk of a version 2 header. */
export interface HeaderBlock {
  readonly start: number;
  readonly end: number; // the checksum, where there is one, lies here
  readonly checksummed: boolean;
}

/** One message; offsets are from the start of the file. */
export interface HeaderMessage {
  readonly type: number;
  /** Where the message itself begins, type field first. */
  readonly start: number;
  /** Where its content begins. */
  readonly offset: number;
  readonly size: number;
  readonly block: HeaderBlock;
}

/** An HDF5 file's addresses count from here: 0, or the size of the user block. */
export function baseAddress(bytes: FileBytes): number {
  for (let offset = 0; offset < bytes.size; offset = offset === 0 ? 512 : 2 * offset) {
    const head = bytes.read(offset, 64);
    if (!isSignature(head)) continue;
    const view = viewOf(head);
    const version = head[8];
    const [offsetSize, lengthSize] = version < 2 ? [head[13], head[14]] : [head[9], head[10]];
    if (offsetSize !== 8 || lengthSize !== 8) throw new Error(`HDF5 with ${8 * offsetSize}-bit addresses`);
    return Number(view.getBigUint64(version === 0 ? 24 : version === 1 ? 28 : 12, true));
  }
  throw new Error('no HDF5 signature');
}

/** True where the eight bytes that open an HDF5 file stand. */
function isSignature(head: Uint8Array): boolean {
  return [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, i) => head[i] === byte);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An address field; undefined where HDF5 writes "none". */
export function addressAt(view: DataView, offset: number): number | undefined {
  const address = view.getBigUint64(offset, true);
  return address === 0xffffffffffffffffn ? undefined : Number(address);
}

/**
 * Lists the messages of an object's header.
 *
 * @param address of the header, relative to `base`
 */
export function headerMessages(bytes: FileBytes, base: number, address: number): HeaderMessage[] {
  const start = base + address;
  const head = bytes.read(start, 32);
  const second = String.fromCharCode(...head.subarray(0, 4)) === 'OHDR';
  const queue = [
    second
      ? firstBlock(head, start)
      : { start: start + 16, end: start + 16 + viewOf(head).getUint32(8, true), checksummed: false },
  ];
  const withOrder = second && (head[5] & 4) !== 0;
  const messages: HeaderMessage[] = [];
  for (let block = queue.shift(); block !== undefined; block = queue.shift()) {
    for (const message of blockMessages(bytes, block, withOrder)) {
      if (message.type !== messageType.continuation) {
        messages.push(message);
        continue;
      }
      const view = viewOf(bytes.read(message.offset, 16));
      const next = base + Number(view.getBigUint64(0, true));
      const length = Number(view.getBigUint64(8, true));
      queue.push(
        second
          ? { start: next, end: next + length - 4, checksummed: true }
          : { start: next, end: next + length, checksummed: false },
      );
    }
  }
  return messages;
}

function firstBlock(head: Uint8Array, start: number): HeaderBlock {
  const flags = head[5];
  const sizeAt = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  let size = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + head[sizeAt + i];
  return { start, end: start + sizeAt + sizeBytes + size, checksummed: true };
}

function blockMessages(bytes: FileBytes, block: HeaderBlock, withOrder: boolean): HeaderMessage[] {
  const content = bytes.read(block.start, block.end - block.start);
  const view = viewOf(content);
  const messages: HeaderMessage[] = [];
  const prefix = block.checksummed ? (withOrder ? 6 : 4) : 8;
  let at = block.checksummed ? chunkPrefix(content) : 0;
  while (at + prefix <= content.length) {
    const type = block.checksummed ? content[at] : view.getUint16(at, true);
    const size = view.getUint16(at + (block.checksummed ? 1 : 2), true);
    messages.push({ type, start: block.start + at, offset: block.start + at + prefix, size, block });
    at += prefix + size;
  }
  return messages;
}

/** Bytes before the first message of a version 2 chunk: `OHDR` with its fields, or `OCHK`. */
function chunkPrefix(content: Uint8Array): number {
  if (content[3] === 0x4b) return 4; // OCHK
  const flags = content[5];
  return 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0) + (1 << (flags & 3));
}

/** Overwrites bytes of a message and renews the checksum of its block, where it has one. */
export function patchMessage(
  bytes: FileBytes,
  { block }: HeaderMessage,
  offset: number,
  content: Uint8Array,
): void {
  bytes.write(offset, content);
  if (!block.checksummed) return;
  const checksum = new Uint8Array(4);
  viewOf(checksum).setUint32(0, lookup3(bytes.read(block.start, block.end - block.start)), true);
  bytes.write(block.end, checksum);
}

/** Takes a message out. The messages after it move up: a block of version 2 may not have both a gap and free space. */
export function removeMessage(bytes: FileBytes, message: HeaderMessage): void {
  const { start, offset, size, block } = message;
  const prefix = offset - start;
  const after = bytes.read(offset + size, block.end - offset - size);
  const kept = after.subarray(0, after.length - (block.checksummed ? gapOf(after, prefix) : 0));
  const content = new Uint8Array(block.end - start); // zeros: type 0 is free space
  content.set(kept);
  viewOf(content).setUint16(
    kept.length + (block.checksummed ? 1 : 2),
    content.length - kept.length - prefix,
    true,
  );
  patchMessage(bytes, message, start, content);
}

/** Bytes at the end of a block of version 2 that are too few for a message. */
function gapOf(content: Uint8Array, prefix: number): number {
  const view = viewOf(content);
  let at = 0;
  while (at + prefix <= content.length) at += prefix + view.getUint16(at + 1, true);
  return content.length - at;
}

/** Jenkins' lookup3 hash, with which HDF5 checks its metadata. */
export function lookup3(key: Uint8Array): number {
  const start = (0xdeadbeef + key.length) | 0;
  let [a, b, c] = [start, start, start];
  const word = (at: number) =>
    (key[at] ?? 0) | ((key[at + 1] ?? 0) << 8) | ((key[at + 2] ?? 0) << 16) | ((key[at + 3] ?? 0) << 24);
  const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));
  let at = 0;
  for (; key.length - at > 12; at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  if (key.length === at) return c >>> 0;
  a = (a + word(at)) | 0;
  b = (b + word(at + 4)) | 0;
  c = (c + word(at + 8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
