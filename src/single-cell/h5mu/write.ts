/** @file Writing MuData as a new h5mu file. Node only. */

import { silent } from '../../support/log.ts';
import type { AnnData } from '../anndata.ts';
import type { ElementSink } from '../encoding/sink.ts';
import { join } from '../encoding/store.ts';
import { writeAnnData } from '../encoding/write.ts';
import { writeAnnotation, writeDictionaryGroup, writeUnstructured } from '../encoding/write-element.ts';
import { requireKey, writeEncoding, writeFrame } from '../encoding/write-frame.ts';
import { type WriteH5adOptions, writeWhole } from '../h5ad/output.ts';
import { nodeHdf5 } from '../hdf5/node.ts';
import { Hdf5Writer } from '../hdf5/writer.ts';
import { type MuData, placesOf } from './mudata.ts';

/**
 * Writes every modality under `mod/`, the tables of the whole, and `obsmap` and `varmap`: for each cell and feature its
 * row in a modality plus 1, 0 where it has none, as mudata 0.1 and later read it.
 *
 * @throws OutputError when the file exists (without `force`) or cannot be written; nothing is left behind
 */
export async function writeH5mu(data: MuData, path: string, options: WriteH5adOptions = {}): Promise<void> {
  const library = await nodeHdf5();
  const { compression = 'gzip', logger = silent } = options;
  const control = { ...options, logger };
  await writeWhole(
    path,
    options,
    async (unfinished) => Hdf5Writer.create(library, unfinished, compression),
    async (writer) => {
      writer.textAttribute('', 'encoding-type', 'MuData');
      writer.textAttribute('', 'encoding-version', '0.1.0');
      await writeFrame(writer, 'obs', data.obs);
      await writeFrame(writer, 'var', data.var);
      for (const group of ['obsm', 'obsp'] as const) {
        await writeDictionaryGroup(writer, group);
        for (const [key, element] of data[group]) {
          await writeAnnotation(writer, join(group, requireKey(key, group)), element, control);
        }
      }
      await writeMaps(writer, data);
      await writeUnstructured(writer, 'uns', data.uns, control);
      writer.group('mod');
      writer.textAttribute('mod', 'mod-order', [...data.modalities.keys()]);
      for (const [name, modality] of data.modalities) {
        const root = join('mod', requireKey(name, 'mod'));
        writer.group(root);
        await writeAnnData(within(writer, root), modality, control);
      }
    },
  );
}

/** Which rows of modalities are whose, by names. */
async function writeMaps(writer: Hdf5Writer, data: MuData): Promise<void> {
  for (const [group, names, ofModality] of [
    ['obsmap', data.obs.index, (modality: AnnData) => modality.obs.index],
    ['varmap', data.var.index, (modality: AnnData) => modality.var.index],
  ] as const) {
    await writeDictionaryGroup(writer, group);
    for (const [name, modality] of data.modalities) {
      const places = placesOf(names, ofModality(modality));
      const at = join(group, requireKey(name, group));
      writer.numbers(at, 'uint32', [places.length], Uint32Array.from(places));
      writeEncoding(writer, at, 'array');
    }
  }
}

/** A group of a file as a file of its own. */
function within(sink: Hdf5Writer, root: string): ElementSink {
  const at = (path: string) => join(root, path);
  return {
    nestsColumns: sink.nestsColumns,
    notInRecords: sink.notInRecords,
    group: (path) => sink.group(at(path)),
    numbers: (path, dtype, shape, values) => sink.numbers(at(path), dtype, shape, values),
    text: (path, shape, values) => sink.text(at(path), shape, values),
    records: (path, length, columns) => sink.records(at(path), length, columns),
    empty: (path) => sink.empty(at(path)),
    growing: (path, dtype, rowShape) => sink.growing(at(path), dtype, rowShape),
    textAttribute: (path, name, value) => sink.textAttribute(at(path), name, value),
    booleanAttribute: (path, name, value) => sink.booleanAttribute(at(path), name, value),
    integersAttribute: (path, name, values) => sink.integersAttribute(at(path), name, values),
  };
}
