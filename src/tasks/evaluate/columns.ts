/** @file The obs columns that cells are scored by: batches, labels, predictions, and how sure these are. */

import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import { type ReportColumn, reportColumns } from '../../report/columns.ts';
import type { Column, DataFrame } from '../../single-cell/data-frame.ts';
import { InputError } from '../../support/errors.ts';

/** The groups of cells in a column. */
export function groupsIn(obs: DataFrame, name: string, option: string): Grouping {
  return groupingOf(name, columnOf(obs, name, option, 'groups'));
}

/**
 * The numbers of a column; NaN where a cell has none.
 *
 * @throws InputError when the column holds something else
 */
export function numbersIn(obs: DataFrame, name: string, option: string): Float64Array {
  const column = columnOf(obs, name, option, 'numbers');
  if (column.kind === 'number') return Float64Array.from(column.values);
  if (column.kind === 'nullable-integer') {
    return Float64Array.from(column.values, (value, cell) =>
      column.missing[cell] === 0 ? value : Number.NaN,
    );
  }
  throw new InputError({
    what: `the column '${name}' holds no numbers`,
    where: `obs, ${option}`,
    expected: 'how sure each prediction is, the higher the surer',
    reason: 'confidence',
  });
}

/** @throws InputError naming the columns of that kind, those of a like name first */
function columnOf(obs: DataFrame, name: string, option: string, kind: ReportColumn['kind']): Column {
  const found = obs.columns.get(name);
  if (found !== undefined) return found;
  const candidates = candidateColumns(obs, kind, name);
  throw new InputError({
    what: `there is no column '${name}'`,
    where: `obs, ${option}`,
    expected: candidates.length === 0 ? undefined : `one of ${candidates.join(', ')}`,
    advice:
      candidates.length > 0
        ? undefined
        : kind === 'groups'
          ? 'obs has no column that sorts cells into groups'
          : 'obs has no column of numbers',
    reason: 'column_missing',
  });
}

/** Columns that sort cells into groups, or that hold numbers; those that resemble the name first. */
export function candidateColumns(obs: DataFrame, kind: ReportColumn['kind'], name = ''): string[] {
  const bare = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = bare(name);
  const alike = (other: string) =>
    wanted !== '' && (bare(other).includes(wanted) || wanted.includes(bare(other)));
  const names = reportColumns(obs)
    .columns.filter((column) => column.kind === kind)
    .map((column) => column.name);
  return [...names.filter(alike), ...names.filter((other) => !alike(other))];
}

/** Words for a cell that was given no type, in any case of letters. */
const unassignedWords = new Set(['unassigned', 'unknown', 'rejected', 'none', 'na', 'nan', '']);

/** Whether a predicted label says that none was given. */
export function saysUnassigned(label: string): boolean {
  return unassignedWords.has(label.trim().toLowerCase());
}

/** True when both sort the cells in the same way, by whatever names. */
export function sameGroups(first: Grouping, second: Grouping): boolean {
  const forward = new Map<number, number>();
  const backward = new Map<number, number>();
  return first.codes.every((a, cell) => {
    const b = second.codes[cell];
    const agree = (forward.get(a) ?? b) === b && (backward.get(b) ?? a) === a;
    forward.set(a, b);
    backward.set(b, a);
    return agree;
  });
}

/** The grouping of some cells alone; groups without a cell are left out. */
export function groupsOfRows({ name, codes, groups }: Grouping, rows: Int32Array): Grouping {
  const place = new Int32Array(groups.length).fill(-1);
  for (const row of rows) if (codes[row] >= 0) place[codes[row]] = 0;
  const kept = groups.filter((_, code) => place[code] === 0);
  let next = 0;
  for (let code = 0; code < place.length; code++) if (place[code] === 0) place[code] = next++;
  return { name, codes: rows.map((row) => (codes[row] < 0 ? -1 : place[codes[row]])), groups: kept };
}
