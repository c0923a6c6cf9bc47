/** @file The columns that cells of a report can be coloured by. */

import { groupingOf } from '../analysis/groups.ts';
import type { Column, DataFrame } from '../single-cell/data-frame.ts';
import { UsageError } from '../support/errors.ts';
import { count } from '../support/words.ts';

/** Cells in groups. */
export interface GroupColumn {
  readonly kind: 'groups';
  readonly name: string;
  readonly groups: readonly string[];
  /** Index into `groups`, -1 for none. */
  readonly codes: Int32Array; // [cells]
}

/** A number for each cell, NaN for none. */
export interface NumberColumn {
  readonly kind: 'numbers';
  readonly name: string;
  readonly values: Float32Array; // [cells]
}

/** A column that cells can be coloured by. */
export type ReportColumn = GroupColumn | NumberColumn;

/**
 * Where a column of that name is.
 *
 * @throws UsageError when there is none
 */
export function columnIndex(columns: readonly ReportColumn[], name: string): number {
  const index = columns.findIndex((column) => column.name === name);
  if (index >= 0) return index;
  throw new UsageError({
    what: `there is no column '${name}' to colour cells by`,
    expected: `one of ${columns.map((column) => column.name).join(', ')}`,
    reason: 'color_by',
  });
}

/** The column every report adds: how many genes of a cell the model read. */
export const genesReadName = 'genes read';

/** More groups have no colours that an eye could tell apart. */
const mostGroups = 60;
/** Whole numbers of no more values are group labels, such as clusters. */
const fewWholeNumbers = 20;
/** More columns would make the file large; the first are kept. */
const mostColumns = 30;

/** Columns of obs that can be shown, in their order, and why the others cannot. */
export function reportColumns(obs: DataFrame): {
  readonly columns: readonly ReportColumn[];
  readonly leftOut: readonly (readonly [name: string, reason: string])[];
} {
  const columns: ReportColumn[] = [];
  const leftOut: (readonly [string, string])[] = [];
  for (const [name, column] of obs.columns) {
    const shown = reportColumn(name, column);
    if (typeof shown === 'string') leftOut.push([name, shown]);
    else if (columns.length === mostColumns) leftOut.push([name, `beyond the first ${mostColumns}`]);
    else columns.push(shown);
  }
  return { columns, leftOut };
}

/**
 * Refuses a column that is not there, or that cells cannot be coloured by.
 *
 * @throws UsageError saying why
 */
export function checkColorColumn(obs: DataFrame, name: string): void {
  if (name === genesReadName) return;
  const { columns, leftOut } = reportColumns(obs);
  const reason = leftOut.find(([column]) => column === name)?.[1];
  if (reason === undefined) obs.column(name);
  else {
    throw new UsageError({
      what: `cells cannot be coloured by the obs column '${name}': ${reason}`,
      expected:
        columns.length === 0 ? undefined : `one of ${columns.map((column) => column.name).join(', ')}`,
      reason: 'color_by',
    });
  }
}

/** The column, or why it cannot be shown. */
function reportColumn(name: string, column: Column): ReportColumn | string {
  if (column.kind === 'number' || column.kind === 'nullable-integer') {
    const values = Float32Array.from(column.values as ArrayLike<number>);
    if (column.kind === 'nullable-integer')
      values.forEach((_, cell) => {
        if (column.missing[cell] !== 0) values[cell] = Number.NaN;
      });
    const distinct = new Set(values.filter((value) => !Number.isNaN(value)));
    if (distinct.size < 2) return 'one value';
    const whole = !column.dtype.startsWith('float');
    if (!whole || distinct.size > fewWholeNumbers) return { kind: 'numbers', name, values };
  }
  const { codes, groups } = groupingOf(name, column);
  if (groups.length < 2) return 'one value';
  if (groups.length > mostGroups) return `${count(groups.length)} different values`;
  return { kind: 'groups', name, groups, codes };
}

const typeNames = /cell.?type|annotation|label|cluster|leiden|louvain/i;

/** The column to colour by when none is asked for: the first that sounds like cell types, else the first groups. */
export function defaultColumn(columns: readonly ReportColumn[]): string | null {
  const groups = columns.filter(({ kind }) => kind === 'groups');
  const best = groups.find(({ name }) => typeNames.test(name)) ?? groups[0] ?? columns[0];
  return best?.name ?? null;
}
