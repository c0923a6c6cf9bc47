/** @file Files on disk as byte sources: Node only. */

import { open } from 'node:fs/promises';
import { CheckpointError } from '../../support/errors.ts';
import type { ByteSource, OwnBytes } from './byte-source.ts';

/** One `read` call is kept below the 2 GiB that the operating system takes at once. */
const largestRead = 1 << 30;

/** A file source that is closed when no longer needed. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/**
 * Opens a file for reading at any place.
 *
 * @throws CheckpointError when there is no such file, or it may not be read.
 */
export async function fileSource(path: string): Promise<FileSource> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new CheckpointError({
      what: cause.code === 'ENOENT' ? 'there is no such file' : `the file cannot be opened (${cause.code})`,
      where: path,
      reason: cause.code === 'ENOENT' ? 'file_missing' : 'file_unreadable',
      cause,
    });
  });
  const information = await handle.stat();
  if (!information.isFile()) {
    await handle.close();
    throw new CheckpointError({ what: 'this is no file', where: path, reason: 'not_a_file' });
  }
  return {
    name: path,
    size: information.size,
    read: async (offset, length) => {
      const bytes: OwnBytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const wanted = Math.min(largestRead, length - done);
        const { bytesRead } = await handle.read(bytes, done, wanted, offset + done);
        if (bytesRead === 0) {
          throw new CheckpointError({
            what: 'the file became shorter while it was read',
            where: path,
            reason: 'truncated',
          });
        }
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
