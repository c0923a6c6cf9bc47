/** @file Opening an AnnData in a Zarr store, wherever its files are. */

import type { Logger } from '../../support/log.ts';
import { AnnData } from '../anndata.ts';
import { readParts } from '../encoding/read.ts';
import type { StoreFiles } from './files.ts';
import { ZarrStore } from './store.ts';

/**
 * Opens an AnnData whose store is in a folder, an archive or a page's memory.
 *
 * @throws InputError when there is no store, or its parts do not fit together; `files` are closed then
 */
export async function openZarrFiles(files: StoreFiles, logger: Logger): Promise<AnnData> {
  try {
    return new AnnData(await readParts(await ZarrStore.open(files, logger), logger));
  } catch (error) {
    await files.close();
    throw error;
  }
}
