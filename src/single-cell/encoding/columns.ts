/** @file Columns of obs and var as they are stored, in every layout since anndata 0.6. */

import { InputError } from '../../support/errors.ts';
import type { CategoricalColumn, Column, NullableColumn } from '../data-frame.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { encodingOf, type ReadContext } from './encodings.ts';
import type { ElementDataset, RecordColumn } from './store.ts';
import { join } from './store.ts';

/** @throws InputError when there is no column, it is broken, or its encoding is not known */
export async function readColumn(context: ReadContext, path: string): Promise<Column> {
  const { file } = context;
  if (file.isGroup(path)) return readGroupColumn(context, path);
  const dataset = file.dataset(path);
  if (dataset.type.kind === 'text') return { kind: 'string', values: await dataset.text() };
  const column = numberColumn(await dataset.numbers(), dataset.dtype);
  const target = categoriesPath(context, path);
  if (target === undefined) return column;
  const categories = await readCategories(file.dataset(target));
  return checkedCategorical(column.values, categories, isOrdered(context, target), file.where(path));
}

/** Where anndata 0.7 kept a column's categories: a path beside the column in Zarr, an object reference in HDF5. */
function categoriesPath({ file }: ReadContext, path: string): string | undefined {
  const stored = file.attribute(path, 'categories');
  if (typeof stored === 'string') return join(path.slice(0, path.lastIndexOf('/')), stored);
  const reference = Array.isArray(stored) ? stored[0] : stored;
  return reference instanceof Uint8Array ? file.target(path, reference) : undefined;
}

/** Truth values of attributes are 1 in HDF5 and true in Zarr. */
function isOrdered({ file }: ReadContext, path: string): boolean {
  const ordered = file.attribute(path, 'ordered');
  return ordered === 1 || ordered === true;
}

/** True for what {@link readGroupColumn} reads. */
export function isColumnEncoding(encoding: string | undefined): boolean {
  return encoding === 'categorical' || (encoding?.startsWith('nullable-') ?? false);
}

async function readGroupColumn(context: ReadContext, path: string): Promise<Column> {
  const { file } = context;
  const encoding = encodingOf(context, path);
  switch (encoding) {
    case 'categorical': {
      const codes = await file.dataset(join(path, 'codes')).numbers();
      const categories = await readCategories(
        file.dataset(await arrayPath(context, join(path, 'categories'))),
      );
      return checkedCategorical(codes, categories, isOrdered(context, path), file.where(path));
    }
    case 'nullable-integer':
    case 'nullable-boolean':
      return readNullable(context, path, encoding);
    case 'nullable-string-array': {
      const missing = await file.dataset(join(path, 'mask')).numbers();
      const values = await file.dataset(join(path, 'values')).text();
      return { kind: 'string', values: values.map((value, row) => (missing[row] !== 0 ? null : value)) };
    }
    default:
      throw unknownEncoding(context, path, encoding);
  }
}

export function unknownEncoding(
  { file }: ReadContext,
  path: string,
  encoding: string | undefined,
): InputError {
  return new InputError({
    what:
      encoding === undefined ? 'it is a group without an encoding' : `its encoding ${encoding} is not known`,
    where: file.where(path),
    reason: 'unknown_encoding',
  });
}

/** Newer pandas makes categories nullable strings, of which none can be missing. */
async function arrayPath({ file }: ReadContext, path: string): Promise<string> {
  return file.isGroup(path) ? join(path, 'values') : path;
}

async function readNullable(
  { file }: ReadContext,
  path: string,
  kind: NullableColumn['kind'],
): Promise<NullableColumn> {
  const values = file.dataset(join(path, 'values'));
  const missing = await file.dataset(join(path, 'mask')).numbers();
  if (missing.length !== values.size) {
    throw new InputError({
      what: `${values.size} values have a mask of ${missing.length}`,
      where: file.where(path),
      reason: 'length_mismatch',
    });
  }
  return { kind, dtype: values.dtype, values: await values.numbers(), missing: Uint8Array.from(missing) };
}

interface Categories {
  readonly categories: readonly string[] | NumericArray;
  readonly categoryDtype?: StoredDtype;
}

async function readCategories(dataset: ElementDataset): Promise<Categories> {
  if (dataset.type.kind === 'text') return { categories: await dataset.text() };
  return { categories: await dataset.numbers(), categoryDtype: dataset.dtype };
}

function checkedCategorical(
  codes: NumericArray | Uint8Array,
  categories: Categories,
  ordered: boolean,
  where: string,
): CategoricalColumn {
  const count = categories.categories.length;
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] >= -1 && codes[row] < count) continue;
    throw new InputError({
      what: `row ${row} has code ${codes[row]}, but there are ${count} categories`,
      where,
      expected: `codes from -1, which is missing, to ${count - 1}`,
      reason: 'bad_category_code',
    });
  }
  return { kind: 'categorical', codes: Int32Array.from(codes), ...categories, ordered };
}

/** Numbers as a column; truth values become a boolean column. */
function numberColumn(values: NumericArray, dtype: StoredDtype): Column & { values: NumericArray } {
  if (dtype === 'bool') return { kind: 'boolean', values: values as Uint8Array };
  return { kind: 'number', dtype, values };
}

/**
 * A column of a compound dataset, in which anndata 0.6 kept obs and var. Its categories are in uns.
 *
 * @throws InputError for fields that are no column
 */
export async function recordColumn(
  { file }: ReadContext,
  path: string,
  name: string,
  { type, values, shape }: RecordColumn,
): Promise<Column> {
  const where = file.where(join(path, name));
  if (type.kind === 'text') return { kind: 'string', values: values as string[] };
  if (type.kind !== 'number' || shape.length > 0) {
    throw new InputError({
      what: 'the field is neither text nor one number a row',
      where,
      reason: 'not_numeric',
    });
  }
  const categories = join('uns', `${name}_categories`);
  if (!file.isDataset(categories)) return numberColumn(values as NumericArray, type.dtype);
  return checkedCategorical(
    values as NumericArray,
    await readCategories(file.dataset(categories)),
    false,
    where,
  );
}
