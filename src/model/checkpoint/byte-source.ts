/** @file Random access to the bytes of a file, wherever the file is: on disk, in the page, in memory. */

import { CheckpointError } from '../../support/errors.ts';

/** Bytes that own their whole buffer's content from offset 0, so that any typed array can be laid over them. */
export type OwnBytes = Uint8Array<ArrayBuffer>;

/** A file that can be read at any place. */
export interface ByteSource {
  /** What to call it in messages. */
  readonly name: string;
  /** Bytes in the file. */
  readonly size: number;
  /** Reads `length` bytes from `offset` into a buffer of their own. */
  read(offset: number, length: number): Promise<OwnBytes>;
}

/** A file that is already in memory. */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => {
      const copy = new Uint8Array(length);
      copy.set(bytes.subarray(offset, offset + length));
      return copy;
    },
  };
}

/**
 * Reads a range that a file's own tables point to.
 *
 * @param what what lies there, for the message
 * @throws CheckpointError when the range is not inside the file.
 */
export async function readRange(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
): Promise<OwnBytes> {
  const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!inside || offset + length > source.size) {
    throw new CheckpointError({
      what: `the file ends before ${what}`,
      where: source.name,
      expected: `${length} bytes from byte ${offset}, in a file of ${source.size} bytes`,
      advice: 'The file is incomplete or damaged: download or copy it again.',
      reason: 'truncated',
    });
  }
  return source.read(offset, length);
}
