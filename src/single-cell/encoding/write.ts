/** @file Writing an AnnData into a new store, of whatever format. */

import type { AnnData, Annotation } from '../anndata.ts';
import type { ElementSink } from './sink.ts';
import { join } from './store.ts';
import {
  type WriteControl,
  writeAnnotation,
  writeDictionaryGroup,
  writeUnstructured,
} from './write-element.ts';
import { requireKey, writeEncoding, writeFrame } from './write-frame.ts';
import { writeMatrix } from './write-matrix.ts';

/**
 * Writes everything an AnnData holds, in the encodings of anndata 0.8, which later versions read as well. Matrices are
 * streamed. Text columns with missing values become categorical; repeated entries of sparse matrices are summed.
 *
 * @throws OutputError when something cannot be stored under its name or in its type
 * @throws InputError when a matrix that is being streamed turns out to be broken
 * @throws CancelledError when the signal is aborted
 */
export async function writeAnnData(writer: ElementSink, data: AnnData, control: WriteControl): Promise<void> {
  writeEncoding(writer, '', 'anndata');
  if (data.X !== null) await writeMatrix(writer, 'X', data.X, control);
  await writeFrame(writer, 'obs', data.obs);
  await writeFrame(writer, 'var', data.var);
  for (const group of ['layers', 'obsm', 'varm', 'obsp', 'varp'] as const) {
    await writeAnnotations(writer, group, data[group], control);
  }
  await writeUnstructured(writer, 'uns', data.uns, control);
  if (data.raw === null) return;
  await writer.group('raw');
  writeEncoding(writer, 'raw', 'raw');
  await writeMatrix(writer, 'raw/X', data.raw.X, control);
  await writeFrame(writer, 'raw/var', data.raw.var);
  await writeAnnotations(writer, 'raw/varm', data.raw.varm, control);
}

async function writeAnnotations(
  writer: ElementSink,
  group: string,
  elements: ReadonlyMap<string, Annotation>,
  control: WriteControl,
): Promise<void> {
  await writeDictionaryGroup(writer, group);
  for (const [key, element] of elements) {
    await writeAnnotation(writer, join(group, requireKey(key, group)), element, control);
  }
}
