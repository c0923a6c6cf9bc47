/** @file Files on disk as byte sources: Node only. */

import { open, stat } from 'node:fs/promises';
import { CheckpointError } from '../../support/errors.ts';
import { whyNotOpened } from '../../support/unopened.ts';
import type { ByteSource, OwnBytes } from './byte-source.ts';

/** One `read` call is kept below the 2 GiB that the operating system takes at once. */
const largestRead = 1 << 30;

/**
 * A file that can be read at any place. It is open only while it is read, so nothing has to be closed.
 *
 * @throws CheckpointError when there is no such file, or it may not be read.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const information = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause);
  });
  if (!information.isFile()) {
    throw new CheckpointError({ what: 'this is no file', where: path, reason: 'not_a_file' });
  }
  return { name: path, size: information.size, read: (offset, length) => readFile(path, offset, length) };
}

async function readFile(path: string, offset: number, length: number): Promise<OwnBytes> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause);
  });
  try {
    const bytes: OwnBytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(
        bytes,
        done,
        Math.min(largestRead, length - done),
        offset + done,
      );
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
  } finally {
    await handle.close();
  }
}

function unreadable(path: string, cause: NodeJS.ErrnoException): CheckpointError {
  return new CheckpointError({
    what: whyNotOpened(cause),
    where: path,
    reason: 'missing_file',
    cause,
  });
}
