/** @file Opening an h5ad file in the file system that the HDF5 library sees. */

import type { Logger } from '../../support/log.ts';
import type { AnnData } from '../anndata.ts';
import { Hdf5File } from '../hdf5/file.ts';
import type { Hdf5Library } from '../hdf5/library.ts';
import { readH5ad } from './read.ts';
import { openingError, requireHdf5 } from './refusals.ts';

/**
 * Opens an h5ad file: the host's own in Node, a mounted one in a browser's worker.
 *
 * @throws InputError when the file is no h5ad, truncated, or its parts do not fit together
 */
export async function openH5adIn(library: Hdf5Library, path: string, logger: Logger): Promise<AnnData> {
  const file = openHdf5(library, path);
  try {
    return await readH5ad(file, logger);
  } catch (error) {
    file.close();
    throw error;
  }
}

function openHdf5(library: Hdf5Library, path: string): Hdf5File {
  const bytes = library.bytes(path);
  try {
    requireHdf5(bytes, path);
    return Hdf5File.open(library, path);
  } catch (error) {
    throw openingError(error, path);
  } finally {
    bytes.close();
  }
}
