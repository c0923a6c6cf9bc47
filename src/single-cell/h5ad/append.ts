/** @file Adding results to a copy of an h5ad file: what the file holds stays as it is, byte for byte. Node only. */

import { chmod, constants, copyFile } from 'node:fs/promises';
import { InputError, OutputError } from '../../support/errors.ts';
import { silent } from '../../support/log.ts';
import type { Additions } from '../additions.ts';
import type { Column } from '../data-frame.ts';
import { join } from '../encoding/store.ts';
import {
  type WriteControl,
  writeAnnotation,
  writeDictionaryGroup,
  writeUnstructured,
} from '../encoding/write-element.ts';
import { requireKey, writeFrameColumn } from '../encoding/write-frame.ts';
import { writeMatrix } from '../encoding/write-matrix.ts';
import { Hdf5File } from '../hdf5/file.ts';
import type { Hdf5Library } from '../hdf5/library.ts';
import { nodeHdf5 } from '../hdf5/node.ts';
import { baseAddress } from '../hdf5/object-header.ts';
import { unlink } from '../hdf5/unlink.ts';
import { Hdf5Writer } from '../hdf5/writer.ts';
import { type WriteH5adOptions, writeWhole } from './output.ts';
import { openingError } from './refusals.ts';

/**
 * Copies an h5ad file and adds elements to the copy; an element of the same name is replaced. All else, whatever its
 * encoding, filters and attributes, is untouched. The space of replaced elements is not reclaimed.
 *
 * @throws InputError when the source has no layout of anndata 0.8 or later
 * @throws OutputError when the copy exists (without `force`) or cannot be written; nothing is left behind then. Its
 * reason is `cannot_replace` when an element of the same name is stored in a way that cannot be taken out.
 */
export async function appendToH5ad(
  source: string,
  path: string,
  additions: Additions,
  options: WriteH5adOptions = {},
): Promise<void> {
  const library = await nodeHdf5();
  const { compression = 'gzip', logger = silent } = options;
  await writeWhole(
    path,
    options,
    async (unfinished) => {
      await copyFile(source, unfinished, constants.COPYFILE_FICLONE);
      await chmod(unfinished, 0o644); // the source may be read-only
      makeRoom(library, unfinished, source, additions);
      return Hdf5Writer.modify(library, unfinished, compression);
    },
    (writer) => add(writer, additions, { ...options, logger }),
  );
}

/** Takes out of the copy what the additions replace. */
function makeRoom(library: Hdf5Library, copy: string, source: string, additions: Additions): void {
  const taken = occupied(library, copy, source, additions);
  if (taken.length === 0) return;
  const bytes = library.bytes(copy, 'r+');
  try {
    const base = baseAddress(bytes);
    for (const { group, key, header } of taken) {
      if (unlink(bytes, base, header, key)) continue;
      throw new OutputError({
        what: `${join(group, key)} cannot be taken out of a copy of the file`,
        where: source,
        advice: 'Write a new file instead.',
        reason: 'cannot_replace',
      });
    }
  } finally {
    bytes.close();
  }
}

/** An element that is in the file already, and the header of its group. */
interface Occupied {
  readonly group: string;
  readonly key: string;
  readonly header: number;
}

function occupied(library: Hdf5Library, copy: string, source: string, additions: Additions): Occupied[] {
  const file = openCopy(library, copy, source);
  try {
    if (file.text('', 'encoding-type') !== 'anndata' || !file.isGroup('obs')) {
      throw new InputError({
        what: 'the file is older than anndata 0.8, so that results cannot be added to a copy of it',
        where: source,
        advice: 'Write a new file instead.',
        reason: 'older_layout',
      });
    }
    return paths(additions).flatMap((path) => {
      if (!file.has(path)) return [];
      const slash = path.lastIndexOf('/');
      const group = path.slice(0, slash);
      return [{ group, key: path.slice(slash + 1), header: file.headerAddress(group) }];
    });
  } finally {
    file.close();
  }
}

function openCopy(library: Hdf5Library, copy: string, source: string): Hdf5File {
  try {
    return Hdf5File.open(library, copy);
  } catch (error) {
    throw openingError(error, source);
  }
}

function paths(additions: Additions): string[] {
  return (['obs', 'obsm', 'varm', 'obsp', 'layers', 'uns'] as const).flatMap((group) => {
    const keys = new Map<string, unknown>(additions[group] ?? []).keys();
    const parts = (key: string) => (group === 'obs' ? key.split('/') : [key]); // columns may have slashes
    return Array.from(keys, (key) => join(group, ...parts(key).map((part) => requireKey(part, group))));
  });
}

async function add(writer: Hdf5Writer, additions: Additions, control: WriteControl): Promise<void> {
  await addColumns(writer, [...(additions.obs ?? [])]);
  for (const group of ['obsm', 'varm', 'obsp'] as const) {
    for (const [key, element] of await inGroup(writer, group, additions[group])) {
      await writeAnnotation(writer, join(group, key), element, control);
    }
  }
  for (const [key, layer] of await inGroup(writer, 'layers', additions.layers)) {
    await writeMatrix(writer, join('layers', key), layer, control);
  }
  for (const [key, value] of await inGroup(writer, 'uns', additions.uns)) {
    await writeUnstructured(writer, join('uns', key), value, control);
  }
}

/** The elements, after making sure that their group is there. */
async function inGroup<V>(
  writer: Hdf5Writer,
  group: string,
  elements: Iterable<readonly [string, V]> | undefined,
): Promise<(readonly [string, V])[]> {
  const list = [...(elements ?? [])];
  if (list.length > 0 && !writer.file.has(group)) await writeDictionaryGroup(writer, group);
  return list;
}

async function addColumns(
  writer: Hdf5Writer,
  columns: readonly (readonly [string, Column])[],
): Promise<void> {
  if (columns.length === 0) return;
  const { file } = writer;
  const index = file.text('obs', '_index') ?? '_index';
  const order = file.attribute('obs', 'column-order');
  const names = Array.isArray(order) ? (order as string[]) : [];
  const length = file.dataset(
    file.isGroup(join('obs', index)) ? join('obs', index, 'values') : join('obs', index),
  ).size;
  for (const [name, column] of columns) {
    if (name === index) {
      throw new OutputError({
        what: `the column ${name} would replace the cell names`,
        where: 'obs',
        reason: 'element_name',
      });
    }
    await writeFrameColumn(writer, 'obs', name, column, length);
  }
  writer.deleteAttribute('obs', 'column-order');
  writer.textAttribute('obs', 'column-order', [...new Set([...names, ...columns.map(([name]) => name)])]);
}
