/** @file Text files in Node, unpacked as they are read when they are compressed with gzip. */

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { InputError } from '../../support/errors.ts';
import { isGzip } from '../../support/gzip.ts';
import { whyNotOpened } from '../../support/unopened.ts';
import type { TextSource } from './source.ts';

const pieceBytes = 1 << 20;

/** The first bytes of a file. @throws InputError when it cannot be opened */
export async function readHead(path: string, length = 1 << 16, offset = 0): Promise<Uint8Array> {
  const file = await open(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The beginning of what is packed in a gzip file, of which only the beginning is given. */
export function unpackedHead(head: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw damagedGzip(path, cause);
  }
}

/** A text file by its path; its content says whether it is compressed, its name does not matter. */
export async function textFile(path: string): Promise<TextSource> {
  const packed = isGzip(await readHead(path, 2));
  return {
    path,
    bytes: () => (packed ? unpacked(path) : createReadStream(path, { highWaterMark: pieceBytes })),
  };
}

async function* unpacked(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: pieceBytes });
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  file.on('error', (error) => gunzip.destroy(error));
  try {
    yield* file.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code ?? '');
    throw code.startsWith('Z_') ? damagedGzip(path, cause) : cause;
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

function unreadable(path: string, cause: unknown): InputError {
  return new InputError({
    what: whyNotOpened(cause),
    where: path,
    reason: 'missing_file',
    cause,
  });
}

function damagedGzip(path: string, cause: unknown): InputError {
  const truncated = (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
  return new InputError({
    what: truncated ? 'the gzip file ends too early' : 'the gzip file is damaged',
    where: path,
    advice: 'Download the file again and compare its size with the source.',
    reason: truncated ? 'truncated' : 'damaged',
    cause,
  });
}
