/** @file A folder that appears under its name when it is complete, or not at all. Node only. */

import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isScgptError, OutputError } from '../../support/errors.ts';
import { checkOutput, type WriteFileOptions, writeFailure } from '../../support/write-file.ts';
import type { StoreOutput } from './files.ts';

/**
 * Makes a folder under a temporary name beside its place and renames it.
 *
 * @throws OutputError when it exists (without `force`), what is there is no Zarr store, or it cannot be written;
 * nothing is left behind then, and what was there is unchanged
 */
export async function writeFolderWhole(
  path: string,
  options: WriteFileOptions,
  write: (output: StoreOutput) => Promise<void>,
): Promise<void> {
  await checkStoreOutput(path, options);
  const place = resolve(path);
  const beside = (end: string) => join(dirname(place), `.${basename(place)}.${process.pid}.${end}`);
  const unfinished = beside('unfinished');
  try {
    await mkdir(unfinished);
    await write(new FolderOutput(unfinished));
    await exchange(unfinished, place, beside('replaced'));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw isScgptError(error) ? error : writeFailure(path, error);
  }
}

/**
 * Refuses a folder that cannot be written, before any work is done for it.
 *
 * @throws OutputError when it exists (without `force`), or what is there is no Zarr store
 */
export async function checkStoreOutput(path: string, options: WriteFileOptions = {}): Promise<void> {
  await checkOutput(path, { ...options, folder: true });
  await checkReplaceable(path);
}

/** `force` replaces a store, not whatever folder a mistyped name leads to. */
async function checkReplaceable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) return;
  const names = await readdir(path);
  if (names.length === 0 || names.includes('.zgroup') || names.includes('zarr.json')) return;
  throw new OutputError({
    what: 'the folder that is there is no Zarr store, so it is not replaced',
    where: path,
    advice: 'Choose another name, or remove the folder yourself.',
    reason: 'output_exists',
  });
}

/** A folder cannot be renamed onto another, so the old one steps aside, and comes back if that fails. */
async function exchange(unfinished: string, place: string, aside: string): Promise<void> {
  const there = await stat(place).catch(() => undefined);
  if (there === undefined) {
    await rename(unfinished, place);
    return;
  }
  await rename(place, aside);
  try {
    await rename(unfinished, place);
  } catch (error) {
    await rename(aside, place);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

class FolderOutput implements StoreOutput {
  private readonly folder: string;
  private readonly made = new Set<string>();

  constructor(folder: string) {
    this.folder = folder;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.folder, key);
    const parent = dirname(file);
    if (!this.made.has(parent)) await mkdir(parent, { recursive: true });
    this.made.add(parent);
    await writeFile(file, bytes, { flag: 'wx' }); // two names may be one to the file system: then it fails
  }
}
