/** @file Reading an HDF5 file as an AnnData. */

import type { Logger } from '../../support/log.ts';
import { AnnData } from '../anndata.ts';
import { readParts } from '../encoding/read.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import { mirrorOf } from './mirror.ts';
import { refuseOtherFormats } from './refusals.ts';

/**
 * Reads the tables and opens the matrices of an h5ad file; their values are streamed when asked for.
 *
 * @throws InputError when the file is no h5ad or its parts do not fit together
 */
export async function readH5ad(file: Hdf5File, logger: Logger): Promise<AnnData> {
  refuseOtherFormats(file);
  const parts = await readParts(file, logger);
  const data = new AnnData(parts);
  const isPresentLayout = file.text('', 'encoding-type') === 'anndata';
  return isPresentLayout ? new AnnData({ ...parts, mirror: mirrorOf(data, file.path) }) : data;
}
