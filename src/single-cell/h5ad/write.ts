/** @file Writing an AnnData as a new h5ad file. Node only. */

import { type Logger, silent } from '../../support/log.ts';
import type { AnnData, Annotation } from '../anndata.ts';
import { join } from '../encoding/store.ts';
import { nodeHdf5 } from '../hdf5/node.ts';
import { Hdf5Writer } from '../hdf5/writer.ts';
import { type WriteH5adOptions, writeWhole } from './output.ts';
import {
  type WriteControl,
  writeAnnotation,
  writeDictionaryGroup,
  writeUnstructured,
} from './write-element.ts';
import { requireKey, writeEncoding, writeFrame } from './write-frame.ts';
import { writeMatrix } from './write-matrix.ts';

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

/** Writes an AnnData into a new file that is open, in whatever file system. */
export async function writeAnnData(
  writer: Hdf5Writer,
  data: AnnData,
  control: WriteControl & { readonly logger: Logger },
): Promise<void> {
  writeEncoding(writer, '', 'anndata');
  if (data.X !== null) await writeMatrix(writer, 'X', data.X, control);
  writeFrame(writer, 'obs', data.obs);
  writeFrame(writer, 'var', data.var);
  for (const group of ['layers', 'obsm', 'varm', 'obsp', 'varp'] as const) {
    await writeAnnotations(writer, group, data[group], control);
  }
  await writeUnstructured(writer, 'uns', data.uns, control);
  if (data.raw === null) return;
  writer.group('raw');
  writeEncoding(writer, 'raw', 'raw');
  await writeMatrix(writer, 'raw/X', data.raw.X, control);
  writeFrame(writer, 'raw/var', data.raw.var);
  await writeAnnotations(writer, 'raw/varm', data.raw.varm, control);
}

async function writeAnnotations(
  writer: Hdf5Writer,
  group: string,
  elements: ReadonlyMap<string, Annotation>,
  control: WriteControl,
): Promise<void> {
  writeDictionaryGroup(writer, group);
  for (const [key, element] of elements) {
    await writeAnnotation(writer, join(group, requireKey(key, group)), element, control);
  }
}
