/** @file Files that a crash at any moment leaves whole: replaced by one rename, lengthened by whole records. Node only. */

import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFailure } from '../../support/write-file.ts';

/** What a file is called until it is whole. One name per file: what a killed run left is overwritten by the next. */
const unfinishedSuffix = '.scgpt-unfinished';

/** Whether a file was left half written by a run that was killed. */
export function isUnfinished(name: string): boolean {
  return name.endsWith(unfinishedSuffix);
}

/**
 * Writes a file so that its name leads to the old content or to the new, whole and on the disk, whenever the process
 * or the machine stops.
 *
 * @throws OutputError when the disk is full or the folder cannot be written to; the old content stays.
 */
export async function replaceFile(path: string, parts: readonly (Uint8Array | string)[]): Promise<void> {
  const unfinished = path + unfinishedSuffix;
  try {
    const file = await open(unfinished, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw writeFailure(path, cause);
  }
}

/**
 * Adds a record to the end of a file, which is made if need be.
 *
 * @throws OutputError when the disk is full or the file cannot be written to; the file stays as it was.
 */
export async function appendRecord(path: string, record: Uint8Array | string): Promise<void> {
  try {
    const file = await open(path, 'a');
    try {
      const { size } = await file.stat();
      await file.appendFile(record).catch(async (cause) => {
        await file.truncate(size);
        throw cause;
      });
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Makes sure that what was appended to a file is on the disk, and gives its size in bytes. */
export async function syncedSize(path: string): Promise<number> {
  try {
    const file = await open(path, 'r+');
    try {
      await file.sync();
      return (await file.stat()).size;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Makes the names in a folder outlast a power failure. Windows does so by itself and opens no folders. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The names in a folder, sorted; none when there is no such folder. */
export async function namesIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw cause;
  });
  return names.sort();
}

/** Whether there is a file or folder of that name. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Removes what a killed run left half written in a folder. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of (await namesIn(folder)).filter(isUnfinished))
    await rm(join(folder, name), { force: true });
}
