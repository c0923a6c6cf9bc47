/** @file The obs and var tables of an AnnData: an index of names and typed columns in order. */

import { compareCodePoints } from '../support/code-points.ts';
import { InputError } from '../support/errors.ts';
import type { NumericArray, StoredDtype } from './matrix.ts';

/** Values that repeat, stored as codes into a list; code -1 is a missing value. */
export interface CategoricalColumn {
  readonly kind: 'categorical';
  readonly codes: Int32Array;
  readonly categories: readonly string[] | NumericArray;
  /** How numbers are stored when categories are numbers; by their array if absent. */
  readonly categoryDtype?: StoredDtype;
  readonly ordered: boolean;
}

/** Numbers; NaN where a float column has no value. */
export interface NumberColumn {
  readonly kind: 'number';
  readonly dtype: StoredDtype;
  readonly values: NumericArray;
}

/** pandas' nullable integers and booleans: `missing[i]` is 1 where row i has no value. */
export interface NullableColumn {
  readonly kind: 'nullable-integer' | 'nullable-boolean';
  readonly dtype: StoredDtype;
  readonly values: NumericArray;
  readonly missing: Uint8Array;
}

/** Truth values as 0 and 1. */
export interface BooleanColumn {
  readonly kind: 'boolean';
  readonly values: Uint8Array;
}

/** Text; null where a row has no value. */
export interface StringColumn {
  readonly kind: 'string';
  readonly values: readonly (string | null)[];
}

/** A column of obs or var. */
export type Column = CategoricalColumn | NumberColumn | NullableColumn | BooleanColumn | StringColumn;

/** An ordered set of columns over named rows. */
export class DataFrame {
  readonly index: readonly string[];
  /** The index's own name in the file, null when it has none. */
  readonly indexName: string | null;
  readonly columns: Map<string, Column>;

  constructor(
    index: readonly string[],
    columns: Iterable<readonly [string, Column]> = [],
    indexName: string | null = null,
  ) {
    this.index = index;
    this.indexName = indexName;
    this.columns = new Map(columns);
  }

  get length(): number {
    return this.index.length;
  }

  /**
   * A column by name.
   *
   * @throws InputError naming the columns there are.
   */
  column(name: string, where = 'obs'): Column {
    const found = this.columns.get(name);
    if (found !== undefined) return found;
    const names = [...this.columns.keys()];
    throw new InputError({
      what: `there is no column '${name}'`,
      where,
      expected: names.length === 0 ? undefined : `one of ${names.join(', ')}`,
      advice: names.length === 0 ? `${where} has no columns at all` : undefined,
      reason: 'column_missing',
    });
  }

  /** A column as text, one entry a row; null where missing. Numbers are written as JavaScript writes them. */
  strings(name: string, where = 'obs'): (string | null)[] {
    return columnStrings(this.column(name, where));
  }
}

/** The entries of a column as text; null where missing. */
export function columnStrings(column: Column): (string | null)[] {
  switch (column.kind) {
    case 'string':
      return [...column.values];
    case 'categorical':
      return Array.from(column.codes, (code) => (code < 0 ? null : String(column.categories[code])));
    case 'boolean':
      return Array.from(column.values, (value) => (value === 0 ? 'False' : 'True'));
    case 'number':
      return Array.from(column.values as ArrayLike<number>, (value) =>
        Number.isNaN(value) ? null : String(value),
      );
    default:
      return Array.from(column.values as ArrayLike<number>, (value, row) =>
        column.missing[row] !== 0
          ? null
          : column.kind === 'nullable-boolean'
            ? value === 0
              ? 'False'
              : 'True'
            : String(value),
      );
  }
}

/** A categorical column from text, categories sorted as Python sorts strings (by code point). */
export function categorical(values: readonly (string | null)[]): CategoricalColumn {
  const categories = [...new Set(values.filter((value) => value !== null))].sort(compareCodePoints);
  const codeOf = new Map(categories.map((category, code) => [category, code]));
  return {
    kind: 'categorical',
    codes: Int32Array.from(values, (value) => (value === null ? -1 : codeOf.get(value)!)),
    categories,
    ordered: false,
  };
}
