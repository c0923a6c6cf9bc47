/** @file Reads zip archives by their directory: stored entries are slices of the file, nothing else is touched. */

import { inflateSync } from 'fflate';
import { crc32 } from '../../support/crc32.ts';
import { CheckpointError } from '../../support/errors.ts';
import { type ByteSource, type OwnBytes, readRange } from './byte-source.ts';

/** One file of an archive, as the archive's directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes once unpacked. */
  readonly size: number;
  /** Bytes in the archive. */
  readonly packedSize: number;
  readonly deflated: boolean;
  readonly crc32: number;
  /** Where its local header begins. */
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const endSize = 22;
const longestComment = 0xffff;
const end64Signature = 0x06064b50;
const end64Size = 56;
const locator64Signature = 0x07064b50;
const locator64Size = 20;
const directorySignature = 0x02014b50;
const directoryHeaderSize = 46;
const localSignature = 0x04034b50;
const localHeaderSize = 30;
const stored = 0;
const deflate = 8;
/** In a 32-bit field: the number is in the zip64 extra field. */
const elsewhere = 0xffffffff;

/** An archive's directory and access to its entries. */
export class ZipReader {
  readonly source: ByteSource;
  readonly entries: ReadonlyMap<string, ZipEntry>;

  private constructor(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>) {
    this.source = source;
    this.entries = entries;
  }

  /** @throws CheckpointError when the directory is missing, damaged or points outside the file. */
  static async open(source: ByteSource): Promise<ZipReader> {
    const { offset, size, count } = await findDirectory(source);
    const directory = await readRange(source, offset, size, 'its zip directory');
    return new ZipReader(source, parseDirectory(source, directory, count));
  }

  /**
   * Reads one entry and checks its CRC-32.
   *
   * @param what the entry in the reader's terms, for messages
   */
  async read(entry: ZipEntry, what: string): Promise<OwnBytes> {
    const header = await readRange(this.source, entry.headerOffset, localHeaderSize, `the header of ${what}`);
    const view = new DataView(header.buffer);
    if (view.getUint32(0, true) !== localSignature) {
      throw damaged(this.source, `the header of ${what} is not where the directory says`);
    }
    const start = entry.headerOffset + localHeaderSize + view.getUint16(26, true) + view.getUint16(28, true);
    const packed = await readRange(this.source, start, entry.packedSize, `the end of ${what}`);
    const bytes = entry.deflated ? inflate(this.source, packed, entry.size, what) : packed;
    if (crc32(bytes) !== entry.crc32) {
      throw new CheckpointError({
        what: `the checksum (CRC-32) of ${what} does not match`,
        where: this.source.name,
        advice: 'Bytes of the file have changed: download or copy it again.',
        reason: 'checksum',
      });
    }
    return bytes;
  }
}

/** fflate writes no further than the given buffer, so an archive cannot unpack to more than it declares. */
function inflate(source: ByteSource, packed: OwnBytes, size: number, what: string): OwnBytes {
  try {
    const bytes = inflateSync(packed, { out: new Uint8Array(size) });
    if (bytes.length === size) return bytes as OwnBytes;
  } catch {
    // fflate's messages name its own states; what the user can act on is the same for all of them.
  }
  throw damaged(source, `${what} cannot be unpacked to the ${size} bytes it declares`);
}

function damaged(source: ByteSource, what: string): CheckpointError {
  return new CheckpointError({
    what,
    where: source.name,
    advice: 'The archive is damaged: download or copy it again.',
    reason: 'zip_damaged',
  });
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const tailSize = Math.min(source.size, endSize + longestComment + locator64Size);
  const tail = await readRange(source, source.size - tailSize, tailSize, 'its end');
  const view = new DataView(tail.buffer);
  for (let at = tailSize - endSize; at >= 0; at--) {
    if (view.getUint32(at, true) !== endSignature) continue;
    const directory = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const large =
      directory.count === 0xffff || directory.size === elsewhere || directory.offset === elsewhere;
    return large ? findDirectory64(source, view, at - locator64Size) : directory;
  }
  throw new CheckpointError({
    what: 'this is not a complete zip archive: the directory at its end is missing',
    where: source.name,
    expected: 'a checkpoint that was saved and copied to its end',
    advice: 'The file was cut short: download or copy it again.',
    reason: 'truncated',
  });
}

async function findDirectory64(source: ByteSource, tail: DataView, locatorAt: number): Promise<Directory> {
  if (locatorAt < 0 || tail.getUint32(locatorAt, true) !== locator64Signature) {
    throw damaged(source, 'the directory for large archives is missing');
  }
  const offset = Number(tail.getBigUint64(locatorAt + 8, true));
  const record = new DataView((await readRange(source, offset, end64Size, 'its zip64 directory')).buffer);
  if (record.getUint32(0, true) !== end64Signature) {
    throw damaged(source, 'the directory for large archives is not where the archive says');
  }
  return {
    count: Number(record.getBigUint64(32, true)),
    size: Number(record.getBigUint64(40, true)),
    offset: Number(record.getBigUint64(48, true)),
  };
}

function parseDirectory(source: ByteSource, directory: OwnBytes, count: number): Map<string, ZipEntry> {
  const view = new DataView(directory.buffer);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + directoryHeaderSize > directory.length || view.getUint32(at, true) !== directorySignature) {
      throw damaged(source, `the directory ends after ${i} of its ${count} entries`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const extraAt = at + directoryHeaderSize + nameLength;
    const next = extraAt + extraLength + view.getUint16(at + 32, true);
    if (next > directory.length) throw damaged(source, `the directory ends inside entry ${i}`);
    const name = new TextDecoder().decode(directory.subarray(at + directoryHeaderSize, extraAt));
    if (entries.has(name)) throw damaged(source, `'${name}' comes more than once`);
    entries.set(name, parseEntry(source, name, view, at, extraAt, extraLength));
    at = next;
  }
  return entries;
}

function parseEntry(
  source: ByteSource,
  name: string,
  view: DataView,
  at: number,
  extraAt: number,
  extraLength: number,
): ZipEntry {
  const method = view.getUint16(at + 10, true);
  const encrypted = (view.getUint16(at + 8, true) & 1) !== 0;
  if (encrypted || (method !== stored && method !== deflate)) {
    throw new CheckpointError({
      what: `'${name}' is ${encrypted ? 'encrypted' : `packed by method ${method}`}`,
      where: source.name,
      expected: 'entries that are stored or deflated, as torch writes them',
      reason: 'zip_method',
    });
  }
  const large = largeNumbers(view, extraAt, extraLength);
  const number = (offset: number): number => {
    const small = view.getUint32(at + offset, true);
    return small === elsewhere ? (large.shift() ?? small) : small;
  };
  const size = number(24);
  const packedSize = number(20);
  const headerOffset = number(42);
  if (method === stored && size !== packedSize) throw damaged(source, `'${name}' has two different sizes`);
  return {
    name,
    size,
    packedSize,
    deflated: method === deflate,
    crc32: view.getUint32(at + 16, true),
    headerOffset,
  };
}

/** The 64-bit numbers of an entry's zip64 extra field: size, packed size, offset, each only if it is needed. */
function largeNumbers(view: DataView, start: number, length: number): number[] {
  const zip64 = 1;
  const end = start + length;
  for (let at = start; at + 4 <= end; ) {
    const bytes = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === zip64 && at + 4 + bytes <= end) {
      return Array.from({ length: bytes >> 3 }, (_, i) => Number(view.getBigUint64(at + 4 + 8 * i, true)));
    }
    at += 4 + bytes;
  }
  return [];
}
