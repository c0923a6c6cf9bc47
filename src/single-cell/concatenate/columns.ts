/** @file Columns of several tables below one another, missing where a table lacks the column. */

import {
  type CategoricalColumn,
  type Column,
  columnStrings,
  type NullableColumn,
  type NumberColumn,
} from '../data-frame.ts';
import type { NumericArray } from '../matrix.ts';
import { arrayOf, commonDtype, isFloat } from './dtypes.ts';

/** One table's column, undefined where the table has none, and how many rows the table has. */
export interface ColumnPart {
  readonly column: Column | undefined;
  readonly length: number;
}

/**
 * Joins a column. Kinds that agree stay: categories are united in the order of their appearance, numbers promoted;
 * integers and booleans become nullable where values are missing. Kinds that disagree become text.
 */
export function joinColumn(parts: readonly ColumnPart[]): Column {
  const present = parts.flatMap(({ column }) => (column === undefined ? [] : [column]));
  const kinds = new Set(present.map(({ kind }) => kind));
  const only = (...allowed: Column['kind'][]) => [...kinds].every((kind) => allowed.includes(kind));
  if (only('categorical')) return joinCategories(parts, present as CategoricalColumn[]);
  if (only('number', 'nullable-integer')) return joinNumbers(parts, present as Numeric[]);
  if (only('boolean', 'nullable-boolean')) return joinBooleans(parts);
  const values = parts.flatMap(({ column, length }) =>
    column === undefined ? new Array<null>(length).fill(null) : columnStrings(column),
  );
  return { kind: 'string', values };
}

type Numeric = NumberColumn | NullableColumn;

function joinNumbers(parts: readonly ColumnPart[], present: readonly Numeric[]): Column {
  const dtype = commonDtype(present.map((column) => column.dtype));
  const values = arrayOf(dtype, totalLength(parts));
  const missing = fill(parts, values);
  if (!missing.includes(1)) {
    const nullable = present.some(({ kind }) => kind === 'nullable-integer') && !isFloat(dtype);
    return nullable
      ? { kind: 'nullable-integer', dtype, values, missing }
      : { kind: 'number', dtype, values };
  }
  if (!isFloat(dtype)) return { kind: 'nullable-integer', dtype, values, missing };
  for (let row = 0; row < missing.length; row++) if (missing[row] === 1) values[row] = Number.NaN;
  return { kind: 'number', dtype, values };
}

function joinBooleans(parts: readonly ColumnPart[]): Column {
  const values = new Uint8Array(totalLength(parts));
  const missing = fill(parts, values);
  const plain = parts.every(({ column }) => column?.kind === 'boolean');
  return plain ? { kind: 'boolean', values } : { kind: 'nullable-boolean', dtype: 'bool', values, missing };
}

/** Writes the values of all parts and tells where there are none. */
function fill(parts: readonly ColumnPart[], values: NumericArray): Uint8Array {
  const missing = new Uint8Array(values.length);
  let row = 0;
  for (const { column, length } of parts) {
    if (column === undefined) missing.fill(1, row, row + length);
    else values.set((column as Numeric).values, row);
    if (column !== undefined && 'missing' in column) missing.set(column.missing, row);
    row += length;
  }
  return missing;
}

function joinCategories(
  parts: readonly ColumnPart[],
  present: readonly CategoricalColumn[],
): CategoricalColumn {
  const numeric = present.every(({ categories }) => ArrayBuffer.isView(categories));
  const codeOf = new Map<string | number, number>();
  const recoded = present.map(({ categories }) =>
    Int32Array.from(categories as ArrayLike<string | number>, (category) => {
      const key = numeric ? category : String(category);
      if (!codeOf.has(key)) codeOf.set(key, codeOf.size);
      return codeOf.get(key)!;
    }),
  );
  const codes = new Int32Array(totalLength(parts)).fill(-1);
  let row = 0;
  for (const { column, length } of parts) {
    if (column !== undefined) {
      const own = (column as CategoricalColumn).codes;
      const code = recoded[present.indexOf(column as CategoricalColumn)];
      for (let i = 0; i < length; i++) codes[row + i] = own[i] < 0 ? -1 : code[own[i]];
    }
    row += length;
  }
  const sameOrder = present.every(
    ({ ordered, categories }) => ordered && categories.length === codeOf.size && inOrder(categories, codeOf),
  );
  const categories = numeric
    ? Float64Array.from(codeOf.keys() as Iterable<number>)
    : [...codeOf.keys()].map(String);
  const dtypes = present.flatMap(({ categoryDtype }) => categoryDtype ?? []);
  return {
    kind: 'categorical',
    codes,
    categories,
    ordered: sameOrder,
    ...(numeric ? { categoryDtype: dtypes.length === present.length ? commonDtype(dtypes) : 'float64' } : {}),
  };
}

function inOrder(
  categories: CategoricalColumn['categories'],
  codeOf: ReadonlyMap<string | number, number>,
): boolean {
  const list: readonly (string | number)[] = Array.from(categories as ArrayLike<string | number>);
  return list.every((category, i) => (codeOf.get(category) ?? codeOf.get(String(category))) === i);
}

function totalLength(parts: readonly ColumnPart[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
