/** @file What uns holds, read as nested maps. */

import type { DenseArray, RecordArray, TextArray, Unstructured } from '../anndata.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { isColumnEncoding, readColumn } from './columns.ts';
import { denseArray } from './dense.ts';
import { encodingOf, type ReadContext } from './encodings.ts';
import { readFrame } from './frames.ts';
import { isSparse, readMatrix } from './matrices.ts';
import type { ElementDataset, RecordColumn, Records } from './store.ts';
import { join } from './store.ts';

/** Reads an entry; what is not understood becomes `other`, with a warning. */
async function readUnstructured(context: ReadContext, path: string): Promise<Unstructured> {
  return context.file.isGroup(path)
    ? readGroup(context, path)
    : readDataset(context, context.file.dataset(path));
}

async function readGroup(context: ReadContext, path: string): Promise<Unstructured> {
  if (isSparse(context, path)) return readMatrix(context, path);
  const encoding = encodingOf(context, path);
  if (encoding === undefined || encoding === 'dict') return readDictionary(context, path);
  if (encoding === 'dataframe') return readFrame(context, path, 'rows');
  if (!isColumnEncoding(encoding)) return other(context, path, encoding);
  const column = await readColumn(context, path);
  if (column.kind === 'string')
    return { kind: 'strings', shape: [column.values.length], values: column.values };
  return column.kind === 'categorical' || 'missing' in column ? column : other(context, path, encoding);
}

/** The entries of a group by name. */
export async function readDictionary(context: ReadContext, path: string): Promise<Map<string, Unstructured>> {
  const entries = new Map<string, Unstructured>();
  for (const key of context.file.keys(path)) {
    entries.set(key, await readUnstructured(context, join(path, key)));
  }
  return entries;
}

async function readDataset(context: ReadContext, dataset: ElementDataset): Promise<Unstructured> {
  const { shape, type } = dataset;
  if (shape === null) return null;
  switch (type.kind) {
    case 'text': {
      const values = await dataset.text();
      return shape.length === 0 ? values[0] : { kind: 'strings', shape, values };
    }
    case 'number':
      return shape.length === 0 ? scalar(await dataset.numbers(), dataset.dtype) : denseArray(dataset);
    case 'record':
      if (shape.length === 1 && type.fields.every((field) => ['text', 'number'].includes(field.type.kind))) {
        return recordArray(await dataset.records(), shape[0]);
      }
      return other(context, dataset.path, 'records of nested fields');
    default:
      return other(context, dataset.path, type.kind === 'other' ? type.name : type.kind);
  }
}

function other(context: ReadContext, path: string, encoding: string): Unstructured {
  context.logger.warning(`${context.file.where(path)}: ${encoding} is not understood and left as it is`);
  return { kind: 'other', encoding, path };
}

/** A plain value where writing it gives the same bytes, an array without dimensions otherwise. */
function scalar(values: NumericArray, dtype: StoredDtype): boolean | number | DenseArray {
  if (dtype === 'bool') return values[0] !== 0;
  if (scalarDtype(values[0]) === dtype) return values[0];
  return { kind: 'dense', dtype, shape: [], values };
}

/** How a plain number is stored: whole numbers as int64, all others as float64. */
export function scalarDtype(value: number): 'int64' | 'float64' {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int64' : 'float64';
}

function recordArray(records: Records, length: number): RecordArray {
  const fields = [...records].map(([name, column]) => [name, recordField(column, length)] as const);
  return { kind: 'records', length, fields: new Map(fields) };
}

function recordField({ shape, type, values }: RecordColumn, length: number): DenseArray | TextArray {
  const whole = [length, ...shape];
  return type.kind === 'number'
    ? { kind: 'dense', dtype: type.dtype, shape: whole, values: values as NumericArray }
    : { kind: 'strings', shape: whole, values: values as string[] };
}
