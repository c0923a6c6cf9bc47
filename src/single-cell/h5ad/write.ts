/** @file Writing an AnnData as a new h5ad file. Node only. */

import { silent } from '../../support/log.ts';
import type { AnnData } from '../anndata.ts';
import { writeAnnData } from '../encoding/write.ts';
import { nodeHdf5 } from '../hdf5/node.ts';
import { Hdf5Writer } from '../hdf5/writer.ts';
import { type WriteH5adOptions, writeWhole } from './output.ts';

/**
 * Writes everything an AnnData holds, in the layout of anndata 0.8, which later versions read as well. Matrices are
 * streamed. Text columns with missing values become categorical; repeated entries of sparse matrices are summed.
 *
 * @throws OutputError when the file exists (without `force`), the disk is full or there is no permission
 * @throws InputError when a matrix that is being streamed turns out to be broken
 * @throws CancelledError when the signal is aborted; in every case nothing is left behind
 */
export async function writeH5ad(data: AnnData, path: string, options: WriteH5adOptions = {}): Promise<void> {
  const library = await nodeHdf5();
  const { compression = 'gzip', logger = silent } = options;
  await writeWhole(
    path,
    options,
    async (unfinished) => Hdf5Writer.create(library, unfinished, compression),
    (writer) => writeAnnData(writer, data, { ...options, logger }),
  );
}
