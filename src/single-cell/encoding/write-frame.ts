/** @file Writing tables: data frames and their columns in the encodings of anndata 0.8 and later. */

import { OutputError } from '../../support/errors.ts';
import { type CategoricalColumn, type Column, categorical, type DataFrame } from '../data-frame.ts';
import { byteWidth } from '../hdf5/element-type.ts';
import type { StoredDtype } from '../matrix.ts';
import { type Encoding, encodingVersions } from './encodings.ts';
import type { ElementSink } from './sink.ts';
import { join } from './store.ts';

/** Marks an element with its encoding. */
export function writeEncoding(writer: ElementSink, path: string, encoding: Encoding): void {
  writer.textAttribute(path, 'encoding-type', encoding);
  writer.textAttribute(path, 'encoding-version', encodingVersions[encoding]);
}

/** @throws OutputError when a column has a name that the format cannot store, or not one value a row */
export async function writeFrame(writer: ElementSink, path: string, frame: DataFrame): Promise<void> {
  const indexKey = indexKeyOf(frame);
  await writer.group(path);
  writeEncoding(writer, path, 'dataframe');
  writer.textAttribute(path, '_index', indexKey);
  writer.textAttribute(path, 'column-order', [...frame.columns.keys()]);
  await writeStrings(writer, join(path, indexKey), frame.index);
  for (const [name, column] of frame.columns) {
    if (name === frame.indexName && name === indexKey) continue; // the same text as the index: stored once
    await writeFrameColumn(writer, path, name, column, frame.length);
  }
}

/** The index's own name, unless a column of other content has it. */
function indexKeyOf({ indexName, columns, index }: DataFrame): string {
  if (indexName === null) return '_index';
  const column = columns.get(indexName);
  const same = column?.kind === 'string' && column.values.every((value, row) => value === index[row]);
  return column === undefined || same ? indexName : '_index';
}

/** Writes one column of a frame; its name is not yet in the frame's column order. */
export async function writeFrameColumn(
  writer: ElementSink,
  framePath: string,
  name: string,
  column: Column,
  length: number,
): Promise<void> {
  const parts = writer.nestsColumns === true ? name.split('/') : [name];
  const path = join(framePath, ...parts.map((part) => requireKey(part, framePath)));
  const found = column.kind === 'categorical' ? column.codes.length : column.values.length;
  if (found !== length) {
    throw new OutputError({
      what: `the column has ${found} values`,
      where: path,
      expected: `${length}, one a row`,
      reason: 'length_mismatch',
    });
  }
  await writeColumn(writer, path, column);
}

/** @throws OutputError for names that are no name of an element: slashes would make groups of them */
export function requireKey(name: string, where: string): string {
  if (!/^(\.{0,2}|_index)$|[/\0]/.test(name)) return name;
  throw new OutputError({
    what: `${JSON.stringify(name)} cannot be the name of an element`,
    where,
    expected: 'a name without slashes that is not empty, not ., .. or _index',
    reason: 'element_name',
  });
}

/** Writes a column, or the same thing in uns. */
export async function writeColumn(writer: ElementSink, path: string, column: Column): Promise<void> {
  switch (column.kind) {
    case 'number':
      await writeArray(writer, path, column.dtype, [column.values.length], column.values);
      break;
    case 'boolean':
      await writeArray(writer, path, 'bool', [column.values.length], column.values);
      break;
    case 'string':
      await writeText(writer, path, column.values);
      break;
    case 'categorical':
      await writeCategorical(writer, path, column);
      break;
    default:
      await writer.group(path);
      writeEncoding(writer, path, column.kind);
      await writeArray(writer, join(path, 'values'), column.dtype, [column.values.length], column.values);
      await writeArray(writer, join(path, 'mask'), 'bool', [column.missing.length], column.missing);
  }
}

/** Text with missing values becomes categorical, as anndata does it: no other form is read by anndata 0.8. */
async function writeText(
  writer: ElementSink,
  path: string,
  values: readonly (string | null)[],
): Promise<void> {
  if (values.includes(null)) await writeCategorical(writer, path, categorical(values));
  else await writeStrings(writer, path, values as readonly string[]);
}

export async function writeStrings(
  writer: ElementSink,
  path: string,
  values: readonly string[],
  shape: readonly number[] = [values.length],
): Promise<void> {
  await writer.text(path, shape, values);
  writeEncoding(writer, path, 'string-array');
}

export async function writeArray(
  writer: ElementSink,
  path: string,
  dtype: StoredDtype,
  shape: readonly number[],
  values: Parameters<ElementSink['numbers']>[3],
): Promise<void> {
  await writer.numbers(path, dtype, shape, values);
  writeEncoding(writer, path, 'array');
}

async function writeCategorical(writer: ElementSink, path: string, column: CategoricalColumn): Promise<void> {
  const { codes, categories, categoryDtype, ordered } = column;
  await writer.group(path);
  writeEncoding(writer, path, 'categorical');
  writer.booleanAttribute(path, 'ordered', ordered);
  const codeDtype = categories.length < 128 ? 'int8' : categories.length < 32768 ? 'int16' : 'int32';
  await writeArray(writer, join(path, 'codes'), codeDtype, [codes.length], codes);
  const at = join(path, 'categories');
  if (ArrayBuffer.isView(categories)) {
    await writeArray(writer, at, categoryDtype ?? dtypeOf(categories), [categories.length], categories);
  } else {
    await writeStrings(writer, at, categories as readonly string[]);
  }
}

/** The dtype that an array's own type says. */
function dtypeOf(values: ArrayBufferView & { readonly BYTES_PER_ELEMENT?: number }): StoredDtype {
  const dtype = values.constructor.name.replace('Array', '').toLowerCase() as StoredDtype;
  return byteWidth(dtype) > 0 ? dtype : 'float64';
}
