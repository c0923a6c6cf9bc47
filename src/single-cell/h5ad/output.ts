/** @file An HDF5 output that appears under its name when it is complete, or not at all. Node only. */

import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isScgptError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { checkOutput, type WriteFileOptions, writeFailure } from '../../support/write-file.ts';
import type { Hdf5Writer } from '../hdf5/writer.ts';

/** Options of everything that writes h5ad files. */
export interface WriteH5adOptions extends WriteFileOptions, RunControl {
  /** Of arrays above 4 kB. Default `gzip`, as most h5ad files have it: a third to a tenth of the size. */
  readonly compression?: 'gzip' | 'none' | undefined;
  /** Hears of what the format cannot store. */
  readonly logger?: Logger | undefined;
}

/**
 * Makes a file under a temporary name in the same folder and renames it.
 *
 * @param start opens the temporary file
 * @throws OutputError when the file exists (without `force`) or cannot be written; nothing is left behind then
 */
export async function writeWhole(
  path: string,
  options: WriteFileOptions,
  start: (unfinished: string) => Promise<Hdf5Writer>,
  write: (writer: Hdf5Writer) => Promise<void>,
): Promise<void> {
  await checkOutput(path, options);
  const unfinished = join(dirname(resolve(path)), `.${basename(path)}.${process.pid}.unfinished`);
  let writer: Hdf5Writer | undefined;
  try {
    writer = await start(unfinished);
    await write(writer);
    writer.finish();
    await rename(unfinished, path);
  } catch (error) {
    writer?.abandon();
    await rm(unfinished, { force: true });
    throw isScgptError(error) ? error : writeFailure(path, error);
  }
}
