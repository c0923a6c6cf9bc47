/** @file Opening a 10x Genomics HDF5 file in the file system that the HDF5 library sees. */

import type { Logger } from '../../support/log.ts';
import type { AnnData } from '../anndata.ts';
import { Hdf5File } from '../hdf5/file.ts';
import { Hdf5Failure, type Hdf5Library } from '../hdf5/library.ts';
import { isTenx, readTenx } from './read.ts';

/**
 * Opens a 10x matrix; null when the file is something else, or no HDF5 file that can be opened.
 *
 * @throws InputError when it is a 10x matrix, but broken
 */
export async function openTenxIn(
  library: Hdf5Library,
  path: string,
  logger: Logger,
): Promise<AnnData | null> {
  const file = openedOrNull(library, path);
  if (file === null) return null;
  try {
    if (isTenx(file)) return await readTenx(file, logger);
    file.close();
    return null;
  } catch (error) {
    file.close();
    throw error;
  }
}

function openedOrNull(library: Hdf5Library, path: string): Hdf5File | null {
  try {
    return Hdf5File.open(library, path);
  } catch (error) {
    if (error instanceof Hdf5Failure) return null;
    throw error;
  }
}
