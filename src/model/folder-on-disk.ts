/** @file Model folders on disk: Node only. Folders are written under another name and renamed when they are whole. */

import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CheckpointError, OutputError } from '../support/errors.ts';
import { checkOutput, writeFailure } from '../support/write-file.ts';
import { fileSource } from './checkpoint/node-source.ts';
import { type Model, modelFiles, type WeightsDtype } from './folder-content.ts';
import { type FolderFiles, fileNames, type ModelFolderKind } from './folder-layout.ts';

/** How to write a model folder. */
export interface WriteModelOptions {
  /** Official layout or ours. Default: ours. */
  readonly format?: ModelFolderKind | undefined;
  /** Element type of the weights: float16 halves the size and rounds to 11 bits. Default: float32. */
  readonly dtype?: WeightsDtype | undefined;
  /** Replace a model folder of that name. Default false; a folder with other files is never replaced. */
  readonly force?: boolean | undefined;
}

/**
 * The files of a folder on disk.
 *
 * @throws CheckpointError when it is no folder.
 */
export async function filesOnDisk(path: string): Promise<FolderFiles> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    const aFile = cause.code === 'ENOTDIR';
    throw new CheckpointError({
      what: aFile ? 'this is a file, not a model folder' : `there is no such model folder (${cause.code})`,
      where: path,
      expected: 'a folder with weights, configuration and vocabulary',
      advice: aFile ? `Give the folder it lies in: ${dirname(path)}` : undefined,
      reason: aFile ? 'not_a_folder' : 'folder_missing',
      cause,
    });
  });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  return { name: path, names: names.sort(), open: (name) => fileSource(join(path, name)) };
}

/**
 * Writes a model folder. It appears under its name only when it is complete.
 *
 * @throws OutputError when the folder exists (without `force`) or cannot be written; nothing is left behind.
 */
export async function writeModelFolder(
  path: string,
  model: Model,
  { format = 'scgpt', dtype = 'float32', force = false }: WriteModelOptions = {},
): Promise<void> {
  const files = modelFiles(model, format, dtype);
  const target = resolve(path);
  const replaces = await checkTarget(target, force);
  const unfinished = join(dirname(target), `.${basename(target)}.${process.pid}.unfinished`);
  const replaced = join(dirname(target), `.${basename(target)}.${process.pid}.replaced`);
  try {
    await mkdir(unfinished, { recursive: true });
    for (const [name, parts] of files) await writeParts(join(unfinished, name), parts);
    if (replaces) await rename(target, replaced);
    await rename(unfinished, target).catch(async (cause) => {
      if (replaces) await rename(replaced, target);
      throw cause;
    });
    await rm(replaced, { recursive: true, force: true });
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    throw writeFailure(path, cause);
  }
}

/**
 * Refuses a place where no model folder can be written, before any work is done for it.
 *
 * @throws OutputError when it is a file or holds other files, or a model that is not to be replaced.
 */
export async function checkModelOutput(
  path: string,
  { force = false }: Pick<WriteModelOptions, 'force'> = {},
): Promise<void> {
  await checkOutput(path, { force: true, folder: true });
  await checkTarget(resolve(path), force);
}

/** Whether there is a folder to replace. */
async function checkTarget(target: string, force: boolean): Promise<boolean> {
  const names = await readdir(target).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    if (cause.code !== 'ENOTDIR') throw writeFailure(target, cause);
    throw new OutputError({
      what: 'a file of that name exists, and a folder is to be written',
      where: target,
      advice: 'Choose another name',
      reason: 'output_is_file',
      cause,
    });
  });
  if (names === undefined) return false;
  const others = names.filter((name) => !modelFileNames.has(name));
  if (names.length > 0 && (!force || others.length > 0)) {
    throw new OutputError({
      what:
        others.length > 0
          ? `the folder exists and holds other files (${others.slice(0, 3).join(', ')})`
          : 'the model folder exists',
      where: target,
      advice:
        others.length > 0 ? 'Choose another name.' : 'Choose another name, or overwrite it with --force.',
      reason: 'output_exists',
    });
  }
  return true;
}

const modelFileNames: ReadonlySet<string> = new Set(Object.values(fileNames).flat());

async function writeParts(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}
