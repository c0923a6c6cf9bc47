/** @file Writes files whole or not at all: under another name first, renamed when complete. Node only. */

import { access, constants, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OutputError } from './errors.ts';

/** How to write a file. */
export interface WriteFileOptions {
  /** Replace a file of that name. Default false. */
  readonly force?: boolean | undefined;
}

/** What an output is to become. */
export interface OutputKind {
  /** A folder may be there already. Default false. */
  readonly folder?: boolean | undefined;
}

/**
 * Refuses an output that cannot be written, before any work is done for it.
 *
 * @throws OutputError when it exists (without `force`) or its folder does not
 */
export async function checkOutput(
  path: string,
  { force = false, folder = false }: WriteFileOptions & OutputKind = {},
): Promise<void> {
  if (!(await exists(dirname(resolve(path))))) {
    throw new OutputError({
      what: 'the folder to write into does not exist',
      where: dirname(path),
      reason: 'folder_missing',
    });
  }
  await access(dirname(resolve(path)), constants.W_OK).catch((cause) => {
    throw writeFailure(path, cause);
  });
  const there = await stat(path).catch(() => undefined);
  if (!folder && there?.isDirectory() === true) {
    throw new OutputError({
      what: 'a folder of that name exists, and a file is to be written',
      where: path,
      advice: 'Choose another name',
      reason: 'output_is_folder',
    });
  }
  if (!force && there !== undefined) {
    throw new OutputError({
      what: 'the output exists already',
      where: path,
      advice: 'Choose another name, or replace it with --force',
      reason: 'output_exists',
    });
  }
}

/**
 * Writes parts one after the other to a new file.
 *
 * @throws OutputError when the file exists (without `force`), the disk is full or the folder cannot be written to;
 * nothing is left behind
 */
export async function writeFileWhole(
  path: string,
  parts: readonly (Uint8Array | string)[],
  options: WriteFileOptions = {},
): Promise<void> {
  await checkOutput(path, options);
  const unfinished = join(dirname(resolve(path)), `.${basename(path)}.${process.pid}.unfinished`);
  try {
    const file = await open(unfinished, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw writeFailure(path, cause);
  }
}

/** What a failed write means to a user. */
export function writeFailure(path: string, cause: unknown): OutputError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const what =
    code === 'ENOSPC' || code === 'EFBIG' || code === 'EDQUOT'
      ? 'the disk is full'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'there is no permission to write here'
        : `writing failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new OutputError({ what, where: path, advice: 'Nothing was written', reason: 'write', cause });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
