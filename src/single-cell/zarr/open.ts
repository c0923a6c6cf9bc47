/** @file Opens an AnnData in a Zarr store by its path. */

import { type Logger, silent } from '../../support/log.ts';
import type { AnnData } from '../anndata.ts';
import { storeFiles } from './node-files.ts';
import { openZarrFiles } from './read.ts';

/**
 * Opens an AnnData in a Zarr store of format 2 or 3: tables are read, matrices are streamed when asked for. The store
 * is a folder, or a zip archive of one. Close the result after use.
 *
 * A chunk that is not stored is an error in a sparse matrix and among names. Elsewhere it is the fill value, as Zarr
 * defines it; in dense matrices the logger is told.
 *
 * @param options.logger hears of repeated names, unknown groups and elements that are not understood
 * @throws InputError when nothing is there, it is no Zarr store, damaged, or its parts do not fit together
 */
export async function openZarr(path: string, options: { logger?: Logger } = {}): Promise<AnnData> {
  return openZarrFiles(await storeFiles(path), options.logger ?? silent);
}
