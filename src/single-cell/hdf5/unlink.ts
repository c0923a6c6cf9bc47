/** @file Taking a link out of a group, which h5wasm cannot: the object stays in the file, unreachable. */

import type { FileBytes } from './library.ts';
import { addressAt, headerMessages, messageType, removeMessage, viewOf } from './object-header.ts';

const entryBytes = 40; // of a symbol table node

/**
 * Removes a link from a group of a closed file.
 *
 * @param header address of the group's header, relative to `base`
 * @returns false when the group is stored in a way that is not understood, and nothing was changed
 */
export function unlink(bytes: FileBytes, base: number, header: number, name: string): boolean {
  for (const message of headerMessages(bytes, base, header)) {
    const content = bytes.read(message.offset, message.size);
    if (message.type === messageType.link && linkName(content) === name) {
      removeMessage(bytes, message);
      return true;
    }
    if (message.type === messageType.symbolTable) {
      const tree = addressAt(viewOf(content), 0);
      const heap = addressAt(viewOf(content), 8);
      if (tree === undefined || heap === undefined) return false;
      const names = base + Number(viewOf(bytes.read(base + heap + 24, 8)).getBigUint64(0, true));
      return unlinkInTree(bytes, base, base + tree, names, name, true);
    }
  }
  return false;
}

/** The name in a link message of the newer kind. */
function linkName(content: Uint8Array): string {
  const flags = content[1];
  let at = 2 + (flags & 8 ? 1 : 0) + (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0);
  const sizeBytes = 1 << (flags & 3);
  let length = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) length = length * 256 + content[at + i];
  at += sizeBytes;
  return new TextDecoder().decode(content.subarray(at, at + length));
}

/** Searches a version 1 B-tree of a group, of which the leaves point to nodes of up to eight links. */
function unlinkInTree(
  bytes: FileBytes,
  base: number,
  node: number,
  names: number,
  name: string,
  isRoot: boolean,
): boolean {
  const head = bytes.read(node, 24);
  const level = head[5];
  const children = viewOf(head).getUint16(6, true);
  const view = viewOf(bytes.read(node + 24, 8 + children * 16)); // key, child, key, ... key
  for (let i = 0; i < children; i++) {
    const child = base + Number(view.getBigUint64(8 + i * 16, true));
    if (level > 0) {
      if (unlinkInTree(bytes, base, child, names, name, false)) return true;
      continue;
    }
    const symbols = viewOf(bytes.read(child, 8)).getUint16(6, true);
    const entries = bytes.read(child + 8, symbols * entryBytes);
    const at = entryOf(bytes, entries, names, name);
    if (at < 0) continue;
    if (symbols > 1) {
      bytes.write(child + 8 + at, entries.subarray(at + entryBytes));
      bytes.write(child + 6, Uint8Array.of((symbols - 1) & 255, (symbols - 1) >> 8));
      return true;
    }
    if (children > 1 || !isRoot) return false; // an empty node among others would need the tree rebuilt
    bytes.write(node + 6, Uint8Array.of(0, 0)); // the group's last link: its tree is empty
    return true;
  }
  return false;
}

function entryOf(bytes: FileBytes, entries: Uint8Array, names: number, name: string): number {
  const wanted = new TextEncoder().encode(`${name}\0`);
  for (let at = 0; at < entries.length; at += entryBytes) {
    const offset = names + Number(viewOf(entries).getBigUint64(at, true));
    const found = bytes.read(offset, wanted.length);
    if (wanted.every((byte, i) => byte === found[i])) return at;
  }
  return -1;
}
