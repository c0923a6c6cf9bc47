/** @file A Zarr store inside a zip archive, read without unpacking it: entries stored or deflated, Zip64 included. */

import { inflateSync } from 'fflate';
import { InputError } from '../../support/errors.ts';
import type { RandomBytes, StoreFiles } from './files.ts';

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const entrySignature = 0x02014b50;
const longestEnd = 22 + 0xffff; // the end record and its comment

const stored = 0;
const deflated = 8;

/** One file of the archive. */
interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly header: number; // offset of its local header
}

/**
 * Opens the store in an archive. A folder that was itself zipped is found too: the store is at the outermost
 * `zarr.json` or `.zgroup`.
 *
 * @throws InputError when it is no archive, damaged, or holds no store
 */
export async function openZipFiles(bytes: RandomBytes, path: string): Promise<StoreFiles> {
  const entries = await readDirectory(bytes, path);
  const prefix = storePrefix([...entries.keys()], path);
  const inside = [...entries].filter(([name]) => name.startsWith(prefix));
  return new ZipFiles(
    bytes,
    path,
    new Map(inside.map(([name, entry]) => [name.slice(prefix.length), entry])),
  );
}

function storePrefix(names: readonly string[], path: string): string {
  const roots = names.filter(
    (name) => /(^|\/)(zarr\.json|\.zgroup)$/.test(name) && !name.startsWith('__MACOSX/'),
  );
  const depth = (name: string) => name.split('/').length;
  const least = Math.min(...roots.map(depth));
  const outermost = new Set(
    roots.filter((name) => depth(name) === least).map((name) => name.slice(0, name.lastIndexOf('/') + 1)),
  );
  if (outermost.size === 1) return [...outermost][0];
  const several = [...outermost].sort().join(', ');
  throw new InputError({
    what:
      outermost.size === 0
        ? 'this is a zip without a Zarr store: no entry is named .zgroup or zarr.json'
        : `the zip holds several Zarr stores: ${several}`,
    where: path,
    expected: 'one Zarr store of an AnnData',
    reason: 'not_zarr',
  });
}

async function readDirectory(bytes: RandomBytes, path: string): Promise<Map<string, Entry>> {
  const { start, length, count } = await findDirectory(bytes, path);
  const raw = await bytes.read(start, length);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const decoder = new TextDecoder();
  const entries = new Map<string, Entry>();
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== entrySignature) throw damaged(path);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const name = decoder.decode(raw.subarray(at + 46, nameEnd));
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw damaged(path, `its entry ${name} is encrypted`);
    const entry = wideEntry(view, nameEnd, extraEnd, {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      header: view.getUint32(at + 42, true),
    });
    if (!name.endsWith('/')) entries.set(name, entry);
    at = extraEnd + view.getUint16(at + 32, true);
  }
  return entries;
}

async function findDirectory(
  bytes: RandomBytes,
  path: string,
): Promise<{ start: number; length: number; count: number }> {
  const tailStart = Math.max(0, bytes.size - longestEnd);
  const tail = await bytes.read(tailStart, bytes.size - tailStart);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== endSignature) at--;
  if (at < 0) throw damaged(path, 'it has no directory, as after an incomplete download');
  const count = view.getUint16(at + 10, true);
  const length = view.getUint32(at + 12, true);
  const start = view.getUint32(at + 16, true);
  const narrow = count !== 0xffff && length !== 0xffffffff && start !== 0xffffffff;
  if (narrow || at < 20) return { start, length, count };
  const wideAt = Number(view.getBigUint64(at - 20 + 8, true));
  const wide = await bytes.read(wideAt, 56);
  const wideView = new DataView(wide.buffer, wide.byteOffset, wide.byteLength);
  if (wide.length < 56 || wideView.getUint32(0, true) !== end64Signature) return { start, length, count };
  return {
    count: Number(wideView.getBigUint64(32, true)),
    length: Number(wideView.getBigUint64(40, true)),
    start: Number(wideView.getBigUint64(48, true)),
  };
}

/** Zip64 moves numbers of more than 32 bits into an extra field, in this order and only where needed. */
function wideEntry(view: DataView, extraStart: number, extraEnd: number, entry: Entry): Entry {
  for (let at = extraStart; at + 4 <= extraEnd; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    const wide = (narrow: number): number => {
      if (narrow !== 0xffffffff) return narrow;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    };
    const size = wide(entry.size);
    const packed = wide(entry.packed);
    return { method: entry.method, size, packed, header: wide(entry.header) };
  }
  return entry;
}

function damaged(path: string, what = 'its directory is broken'): InputError {
  return new InputError({ what: `the zip archive cannot be read: ${what}`, where: path, reason: 'damaged' });
}

class ZipFiles implements StoreFiles {
  readonly path: string;
  private readonly bytes: RandomBytes;
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly folders = new Map<string, { files: Set<string>; folders: Set<string> }>();

  constructor(bytes: RandomBytes, path: string, entries: ReadonlyMap<string, Entry>) {
    this.bytes = bytes;
    this.path = path;
    this.entries = entries;
    for (const name of entries.keys()) this.addToFolders(name);
  }

  private addToFolders(name: string): void {
    const parts = name.split('/');
    for (let depth = 0; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      const inside = this.folders.get(folder) ?? { files: new Set(), folders: new Set() };
      this.folders.set(folder, inside);
      (depth === parts.length - 1 ? inside.files : inside.folders).add(parts[depth]);
    }
  }

  async list(folder: string): Promise<{ files: string[]; folders: string[] }> {
    const inside = this.folders.get(folder);
    return { files: [...(inside?.files ?? [])], folders: [...(inside?.folders ?? [])] };
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const packed = await this.packed(key, entry, 0, entry.packed);
    if (entry.method === stored) return packed;
    try {
      const whole = inflateSync(packed, { out: new Uint8Array(entry.size) });
      if (whole.length === entry.size) return whole as Uint8Array<ArrayBuffer>;
    } catch (cause) {
      throw new InputError({
        what: `the zip entry ${key} cannot be unpacked`,
        where: this.path,
        reason: 'damaged',
        cause,
      });
    }
    throw damaged(this.path, `its entry ${key} is shorter than declared`);
  }

  async range(key: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const from = offset < 0 ? Math.max(0, entry.size + offset) : offset;
    if (entry.method === stored) return this.packed(key, entry, from, Math.min(length, entry.size - from));
    return (await this.get(key))?.slice(from, from + length);
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  /** Part of an entry as it lies in the archive, after its local header. */
  private async packed(
    key: string,
    { method, header }: Entry,
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (method !== stored && method !== deflated) {
      throw damaged(
        this.path,
        `its entry ${key} is compressed by method ${method}; stored and deflated are read`,
      );
    }
    const local = await this.bytes.read(header, 30);
    const view = new DataView(local.buffer, local.byteOffset, local.byteLength);
    if (local.length < 30) throw damaged(this.path, `it ends before its entry ${key}`);
    const start = header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
    const found = await this.bytes.read(start + offset, length);
    if (found.length < length) throw damaged(this.path, `it ends within its entry ${key}`);
    return found;
  }
}
