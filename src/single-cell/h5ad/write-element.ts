/** @file Writing what obsm, varm, obsp, varp and uns hold. */

import { OutputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Annotation, DenseArray, RecordArray, TextArray, Unstructured } from '../anndata.ts';
import { categorical, DataFrame } from '../data-frame.ts';
import { join } from '../encoding/store.ts';
import { scalarDtype } from '../encoding/unstructured.ts';
import type { WrittenColumn } from '../hdf5/records.ts';
import type { Hdf5Writer } from '../hdf5/writer.ts';
import {
  requireKey,
  writeArray,
  writeColumn,
  writeEncoding,
  writeFrame,
  writeStrings,
} from './write-frame.ts';
import { writeMatrix } from './write-matrix.ts';

/** Progress, a way to stop, and who hears of what is left out. */
export interface WriteControl extends RunControl {
  readonly logger: Logger;
}

/** Makes a group of named elements. */
export function writeDictionaryGroup(writer: Hdf5Writer, path: string): void {
  writer.group(path);
  writeEncoding(writer, path, 'dict');
}

/** Writes an element of obsm, varm, obsp or varp. */
export async function writeAnnotation(
  writer: Hdf5Writer,
  path: string,
  element: Annotation,
  control: WriteControl,
): Promise<void> {
  if (element instanceof DataFrame) writeFrame(writer, path, element);
  else if ('kind' in element) writeDenseArray(writer, path, element);
  else await writeMatrix(writer, path, element, control);
}

function writeDenseArray(writer: Hdf5Writer, path: string, { dtype, shape, values }: DenseArray): void {
  if (shape.length > 0) {
    writeArray(writer, path, dtype, shape, values);
  } else {
    writer.numbers(path, dtype, shape, values);
    writeEncoding(writer, path, 'numeric-scalar');
  }
}

/** Writes an entry of uns with all that is in it. What cannot be written is left out, with a warning. */
export async function writeUnstructured(
  writer: Hdf5Writer,
  path: string,
  value: Unstructured,
  control: WriteControl,
): Promise<void> {
  if (value instanceof Map) {
    writeDictionaryGroup(writer, path);
    for (const [key, entry] of value) {
      await writeUnstructured(writer, join(path, requireKey(key, path)), entry, control);
    }
  } else if (typeof value !== 'object' || value === null) {
    writeScalar(writer, path, value);
  } else if (value instanceof DataFrame) {
    writeFrame(writer, path, value);
  } else if ('kind' in value) {
    writeValue(writer, path, value, control);
  } else {
    await writeMatrix(writer, path, value, control);
  }
}

function writeScalar(writer: Hdf5Writer, path: string, value: null | string | number | boolean): void {
  if (value === null) {
    writer.empty(path);
    writeEncoding(writer, path, 'null');
  } else if (typeof value === 'string') {
    writer.text(path, [], [value]);
    writeEncoding(writer, path, 'string');
  } else {
    const dtype = typeof value === 'boolean' ? 'bool' : scalarDtype(value);
    writer.numbers(path, dtype, [], Float64Array.of(Number(value)));
    writeEncoding(writer, path, 'numeric-scalar');
  }
}

/** What uns holds that says its kind. */
type Kinded = Extract<Unstructured, { readonly kind: string }>;

function writeValue(writer: Hdf5Writer, path: string, value: Kinded, control: WriteControl): void {
  switch (value.kind) {
    case 'dense':
      writeDenseArray(writer, path, value);
      break;
    case 'strings':
      writeTextArray(writer, path, value);
      break;
    case 'records':
      writeRecords(writer, path, value, control);
      break;
    case 'other':
      control.logger.warning(`${path}: ${value.encoding} cannot be written and is left out`);
      break;
    default:
      writeColumn(writer, path, value);
  }
}

function writeTextArray(writer: Hdf5Writer, path: string, { values, shape }: TextArray): void {
  if (!values.includes(null)) {
    writeStrings(writer, path, values as string[], shape);
  } else if (shape.length === 1) {
    writeColumn(writer, path, categorical(values));
  } else {
    throw new OutputError({
      what: 'text with missing values can only be written as one row of values',
      where: path,
      reason: 'missing_text',
    });
  }
}

function writeRecords(
  writer: Hdf5Writer,
  path: string,
  { length, fields }: RecordArray,
  { logger }: WriteControl,
): void {
  const refused = [...fields].find(([, field]) => !isPlain(field));
  if (refused !== undefined) {
    logger.warning(`${path}: records with a field like ${refused[0]} cannot be written and are left out`);
    return;
  }
  writer.records(path, length, fields as ReadonlyMap<string, WrittenColumn>);
  writeEncoding(writer, path, 'rec-array');
}

/** One number or one text a row, of the types that can be written within records. */
function isPlain(field: DenseArray | TextArray): boolean {
  if (field.shape.length !== 1) return false;
  return field.kind === 'strings' ? !field.values.includes(null) : !['bool', 'float16'].includes(field.dtype);
}
