/** @file Writes an AnnData as a Zarr store by its path. */

import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { WriteFileOptions } from '../../support/write-file.ts';
import type { AnnData } from '../anndata.ts';
import { writeAnnData } from '../encoding/write.ts';
import { writeFolderWhole } from './node-output.ts';
import { ZarrSink } from './sink.ts';

/** How to write a Zarr store. */
export interface WriteZarrOptions extends WriteFileOptions, RunControl {
  /** Default 2: anndata before 0.12 reads nothing else. */
  readonly version?: 2 | 3 | undefined;
  /** Hears of what the format cannot store. */
  readonly logger?: Logger | undefined;
}

/**
 * Writes everything an AnnData holds as a folder, with consolidated metadata. Matrices are streamed. Text columns with
 * missing values become categorical; repeated entries of sparse matrices are summed.
 *
 * @throws OutputError when the output exists (without `force`), the disk is full or there is no permission, or an
 * element cannot be stored under its name
 * @throws InputError when a matrix that is being streamed turns out to be broken
 * @throws CancelledError when the signal is aborted; in every case nothing is left behind
 */
export async function writeZarr(data: AnnData, path: string, options: WriteZarrOptions = {}): Promise<void> {
  const { version = 2, logger = silent } = options;
  await writeFolderWhole(path, options, async (output) => {
    const sink = await ZarrSink.create(output, version);
    await writeAnnData(sink, data, { ...options, logger });
    await sink.finish();
  });
}
