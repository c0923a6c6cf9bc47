/** @file Writing what obsm, varm, obsp, varp and uns hold. */

import { OutputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Annotation, DenseArray, RecordArray, TextArray, Unstructured } from '../anndata.ts';
import { categorical, DataFrame } from '../data-frame.ts';
import type { StoredDtype } from '../matrix.ts';
import type { ElementSink, WrittenColumn } from './sink.ts';
import { join } from './store.ts';
import { scalarDtype } from './unstructured.ts';
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
export async function writeDictionaryGroup(writer: ElementSink, path: string): Promise<void> {
  await writer.group(path);
  writeEncoding(writer, path, 'dict');
}

/** Writes an element of obsm, varm, obsp or varp. */
export async function writeAnnotation(
  writer: ElementSink,
  path: string,
  element: Annotation,
  control: WriteControl,
): Promise<void> {
  if (element instanceof DataFrame) await writeFrame(writer, path, element);
  else if ('kind' in element) await writeDenseArray(writer, path, element);
  else await writeMatrix(writer, path, element, control);
}

async function writeDenseArray(
  writer: ElementSink,
  path: string,
  { dtype, shape, values }: DenseArray,
): Promise<void> {
  if (shape.length > 0) {
    await writeArray(writer, path, dtype, shape, values);
  } else {
    await writer.numbers(path, dtype, shape, values);
    writeEncoding(writer, path, 'numeric-scalar');
  }
}

/** Writes an entry of uns with all that is in it. What cannot be written is left out, with a warning. */
export async function writeUnstructured(
  writer: ElementSink,
  path: string,
  value: Unstructured,
  control: WriteControl,
): Promise<void> {
  if (value instanceof Map) {
    await writeDictionaryGroup(writer, path);
    for (const [key, entry] of value) {
      await writeUnstructured(writer, join(path, requireKey(key, path)), entry, control);
    }
  } else if (typeof value !== 'object' || value === null) {
    await writeScalar(writer, path, value);
  } else if (value instanceof DataFrame) {
    await writeFrame(writer, path, value);
  } else if ('kind' in value) {
    await writeValue(writer, path, value, control);
  } else {
    await writeMatrix(writer, path, value, control);
  }
}

async function writeScalar(
  writer: ElementSink,
  path: string,
  value: null | string | number | boolean,
): Promise<void> {
  if (value === null) {
    await writer.empty(path);
    writeEncoding(writer, path, 'null');
  } else if (typeof value === 'string') {
    await writer.text(path, [], [value]);
    writeEncoding(writer, path, 'string');
  } else {
    const dtype = typeof value === 'boolean' ? 'bool' : scalarDtype(value);
    await writer.numbers(path, dtype, [], Float64Array.of(Number(value)));
    writeEncoding(writer, path, 'numeric-scalar');
  }
}

/** What uns holds that says its kind. */
type Kinded = Extract<Unstructured, { readonly kind: string }>;

async function writeValue(
  writer: ElementSink,
  path: string,
  value: Kinded,
  control: WriteControl,
): Promise<void> {
  switch (value.kind) {
    case 'dense':
      await writeDenseArray(writer, path, value);
      break;
    case 'strings':
      await writeTextArray(writer, path, value);
      break;
    case 'records':
      await writeRecords(writer, path, value, control);
      break;
    case 'other':
      control.logger.warning(`${path}: ${value.encoding} cannot be written and is left out`);
      break;
    default:
      await writeColumn(writer, path, value);
  }
}

async function writeTextArray(
  writer: ElementSink,
  path: string,
  { values, shape }: TextArray,
): Promise<void> {
  if (!values.includes(null)) {
    await writeStrings(writer, path, values as string[], shape);
  } else if (shape.length === 1) {
    await writeColumn(writer, path, categorical(values));
  } else {
    throw new OutputError({
      what: 'text with missing values can only be written as one row of values',
      where: path,
      reason: 'missing_text',
    });
  }
}

async function writeRecords(
  writer: ElementSink,
  path: string,
  { length, fields }: RecordArray,
  { logger }: WriteControl,
): Promise<void> {
  for (const [name, field] of fields) {
    const objection = objectionTo(field, writer.notInRecords ?? []);
    if (objection === undefined) continue;
    logger.warning(
      `${path}: records whose field ${name} has ${objection} cannot be written and are left out`,
    );
    return;
  }
  await writer.records(path, length, fields as ReadonlyMap<string, WrittenColumn>);
  writeEncoding(writer, path, 'rec-array');
}

/** Why a field cannot be written; undefined for one number or one text a row. */
function objectionTo(field: DenseArray | TextArray, refused: readonly StoredDtype[]): string | undefined {
  if (field.shape.length !== 1) return 'several values a row';
  if (field.kind === 'strings') return field.values.includes(null) ? 'missing values' : undefined;
  return refused.includes(field.dtype) ? `${field.dtype} values` : undefined;
}
