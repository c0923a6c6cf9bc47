/** @file h5ad files by their path in Node. */

import { stat } from 'node:fs/promises';
import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import { whyNotOpened } from '../../support/unopened.ts';
import type { AnnData } from '../anndata.ts';
import { nodeHdf5 } from '../hdf5/node.ts';
import { openH5adIn } from './open.ts';

/**
 * Opens an h5ad file: tables are read, matrices are streamed when asked for. Close the result after use.
 *
 * @param options.logger hears of repeated names, unknown groups and elements that are not understood
 * @throws InputError when the file is missing, no h5ad, truncated, or its parts do not fit together
 */
export async function openH5ad(path: string, options: { logger?: Logger } = {}): Promise<AnnData> {
  await requireFile(path);
  return openH5adIn(await nodeHdf5(), path, options.logger ?? silent);
}

async function requireFile(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    throw new InputError({
      what: whyNotOpened(error),
      where: path,
      reason: 'missing_file',
      cause: error,
    });
  }
  throw new InputError({
    what: 'it is a folder',
    where: path,
    expected: 'an h5ad file',
    reason: 'is_folder',
  });
}
