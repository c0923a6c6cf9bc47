/** @file Writing tables: data frames and their columns in the encodings of anndata 0.8 and later. */

import { OutputError } from '../../support/errors.ts';
import { type CategoricalColumn, type Column, categorical, type DataFrame } from '../data-frame.ts';
import { type Encoding, encodingVersions } from '../encoding/encodings.ts';
import { join } from '../encoding/store.ts';
import { byteWidth } from '../hdf5/element-type.ts';
import type { Hdf5Writer } from '../hdf5/writer.ts';
import type { StoredDtype } from '../matrix.ts';

/** Marks an element with its encoding. */
export function writeEncoding(writer: Hdf5Writer, path: string, encoding: Encoding): void {
  writer.textAttribute(path, 'encoding-type', encoding);
  writer.textAttribute(path, 'encoding-version', encodingVersions[encoding]);
}

/** @throws OutputError when a column has a name that the format cannot store, or not one value a row */
export function writeFrame(writer: Hdf5Writer, path: string, frame: DataFrame): void {
  const indexKey = indexKeyOf(frame);
  writer.group(path);
  writeEncoding(writer, path, 'dataframe');
  writer.textAttribute(path, '_index', indexKey);
  writer.textAttribute(path, 'column-order', [...frame.columns.keys()]);
  writeStrings(writer, join(path, indexKey), frame.index);
  for (const [name, column] of frame.columns) {
    if (name === frame.indexName && name === indexKey) continue; // the same text as the index: stored once
    writeFrameColumn(writer, path, name, column, frame.length);
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
export function writeFrameColumn(
  writer: Hdf5Writer,
  framePath: string,
  name: string,
  column: Column,
  length: number,
): void {
  const path = join(framePath, requireKey(name, framePath));
  const found = column.kind === 'categorical' ? column.codes.length : column.values.length;
  if (found !== length) {
    throw new OutputError({
      what: `the column has ${found} values`,
      where: path,
      expected: `${length}, one a row`,
      reason: 'length_mismatch',
    });
  }
  writeColumn(writer, path, column);
}

/** @throws OutputError for names that are no name of an HDF5 object */
export function requireKey(name: string, where: string): string {
  if (!/^(\.?|_index)$|^\/|\/$|\/\/|\0/.test(name)) return name;
  throw new OutputError({
    what: `${JSON.stringify(name)} cannot be the name of an element`,
    where,
    expected: 'a name that is not empty, not . or _index, and does not begin or end with /',
    reason: 'element_name',
  });
}

/** Writes a column, or the same thing in uns. */
export function writeColumn(writer: Hdf5Writer, path: string, column: Column): void {
  switch (column.kind) {
    case 'number':
      writeArray(writer, path, column.dtype, [column.values.length], column.values);
      break;
    case 'boolean':
      writeArray(writer, path, 'bool', [column.values.length], column.values);
      break;
    case 'string':
      writeText(writer, path, column.values);
      break;
    case 'categorical':
      writeCategorical(writer, path, column);
      break;
    default:
      writer.group(path);
      writeEncoding(writer, path, column.kind);
      writeArray(writer, join(path, 'values'), column.dtype, [column.values.length], column.values);
      writeArray(writer, join(path, 'mask'), 'bool', [column.missing.length], column.missing);
  }
}

/** Text with missing values becomes categorical, as anndata does it: no other form is read by anndata 0.8. */
function writeText(writer: Hdf5Writer, path: string, values: readonly (string | null)[]): void {
  if (values.includes(null)) writeCategorical(writer, path, categorical(values));
  else writeStrings(writer, path, values as readonly string[]);
}

export function writeStrings(
  writer: Hdf5Writer,
  path: string,
  values: readonly string[],
  shape: readonly number[] = [values.length],
): void {
  writer.text(path, shape, values);
  writeEncoding(writer, path, 'string-array');
}

export function writeArray(
  writer: Hdf5Writer,
  path: string,
  dtype: StoredDtype,
  shape: readonly number[],
  values: Parameters<Hdf5Writer['numbers']>[3],
): void {
  writer.numbers(path, dtype, shape, values);
  writeEncoding(writer, path, 'array');
}

function writeCategorical(writer: Hdf5Writer, path: string, column: CategoricalColumn): void {
  const { codes, categories, categoryDtype, ordered } = column;
  writer.group(path);
  writeEncoding(writer, path, 'categorical');
  writer.booleanAttribute(path, 'ordered', ordered);
  const codeDtype = categories.length < 128 ? 'int8' : categories.length < 32768 ? 'int16' : 'int32';
  writeArray(writer, join(path, 'codes'), codeDtype, [codes.length], codes);
  const at = join(path, 'categories');
  if (ArrayBuffer.isView(categories)) {
    writeArray(writer, at, categoryDtype ?? dtypeOf(categories), [categories.length], categories);
  } else {
    writeStrings(writer, at, categories as readonly string[]);
  }
}

/** The dtype that an array's own type says. */
function dtypeOf(values: ArrayBufferView & { readonly BYTES_PER_ELEMENT?: number }): StoredDtype {
  const dtype = values.constructor.name.replace('Array', '').toLowerCase() as StoredDtype;
  return byteWidth(dtype) > 0 ? dtype : 'float64';
}
