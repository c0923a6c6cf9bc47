/** @file The tables obs and var, and data frames elsewhere, as they are stored. */

import { InputError } from '../../support/errors.ts';
import { type Column, DataFrame } from '../data-frame.ts';
import { readColumn, recordColumn } from './columns.ts';
import type { ReadContext } from './encodings.ts';
import type { RecordColumn, Records } from './store.ts';
import { join } from './store.ts';

/**
 * Reads a data frame with all its columns. A column that cannot be understood is left out, with a
 * warning; one that is broken is an error.
 *
 * @param unit what a row is, for messages: cells or genes
 */
export async function readFrame(context: ReadContext, path: string, unit: string): Promise<DataFrame> {
  if (context.file.isDataset(path)) return readRecordFrame(context, path);
  const { file } = context;
  const indexKey = file.text(path, '_index') ?? legacyIndexKey(context, path);
  const index = await readIndex(context, join(path, indexKey));
  const columns: [string, Column][] = [];
  for (const name of columnOrder(context, path, indexKey)) {
    const column = await readKnownColumn(context, join(path, name));
    if (column === undefined) continue;
    requireLength(column, index.length, `${file.path}: ${path} column ${name}`, unit);
    columns.push([name, column]);
  }
  return new DataFrame(index, columns, indexKey === '_index' ? null : indexKey);
}

/** Files without the `_index` attribute keep the index as `index` or `_index`. */
function legacyIndexKey({ file }: ReadContext, path: string): string {
  const key = ['_index', 'index'].find((name) => file.has(join(path, name)));
  if (key !== undefined) return key;
  throw new InputError({
    what: 'it has no index of names',
    where: file.where(path),
    reason: 'missing_index',
  });
}

function columnOrder({ file }: ReadContext, path: string, indexKey: string): string[] {
  const order = file.attribute(path, 'column-order');
  if (typeof order === 'string') return [order];
  if (Array.isArray(order)) return order as string[];
  if (order !== undefined) return []; // anndata writes an empty order as an empty array of numbers
  return file.keys(path).filter((key) => key !== indexKey && key !== '__categories');
}

async function readIndex({ file }: ReadContext, path: string): Promise<string[]> {
  const values = file.isGroup(path) ? join(path, 'values') : path; // newer pandas: nullable text
  const dataset = file.dataset(values);
  return dataset.type.kind === 'text' ? await dataset.text() : Array.from(await dataset.numbers(), String);
}

async function readKnownColumn(context: ReadContext, path: string): Promise<Column | undefined> {
  try {
    return await readColumn(context, path);
  } catch (error) {
    if (!(error instanceof InputError) || error.reason !== 'unknown_encoding') throw error;
    context.logger.warning(`${error.message} It is left out.`);
    return undefined;
  }
}

function requireLength(column: Column, length: number, where: string, unit: string): void {
  const found = column.kind === 'categorical' ? column.codes.length : column.values.length;
  if (found === length) return;
  throw new InputError({
    what: `it has ${found} values for ${length} ${unit}`,
    where,
    expected: 'one value each',
    reason: 'length_mismatch',
  });
}

/** The layout of anndata 0.6: one compound dataset. */
async function readRecordFrame(context: ReadContext, path: string): Promise<DataFrame> {
  const records = await context.file.dataset(path).records();
  const [indexName, indexField] = indexOf(context, path, records);
  const columns: [string, Column][] = [];
  for (const [name, field] of records) {
    if (name !== indexName) columns.push([name, await recordColumn(context, path, name, field)]);
  }
  return new DataFrame(Array.from(indexField.values, String), columns, indexName);
}

function indexOf({ file }: ReadContext, path: string, records: Records): [string, RecordColumn] {
  const found = [...records].find(([name]) => name === 'index' || name === '_index') ?? [...records][0];
  if (found !== undefined) return found;
  throw new InputError({
    what: 'it has no index of names',
    where: file.where(path),
    reason: 'missing_index',
  });
}
