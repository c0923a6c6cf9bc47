/** @file Cells sorted into groups by a column of obs. */

import { type Column, categorical, columnStrings } from '../single-cell/data-frame.ts';
import { InputError } from '../support/errors.ts';

/** The group of every cell: a cell type, a batch, a donor. */
export interface Grouping {
  readonly name: string;
  /** Index into `groups`, -1 where a cell has none. */
  readonly codes: Int32Array; // [cells]
  readonly groups: readonly string[];
}

/**
 * A column as groups, one for each distinct text: in the column's order of categories, numbers by size, else
 * sorted. Categories without a cell are left out.
 */
export function groupingOf(name: string, column: Column): Grouping {
  const { codes, categories } = column.kind === 'categorical' ? column : categorical(columnStrings(column));
  const sizes = groupSizes(codes, categories.length);
  const kept = [...sizes.keys()].filter((code) => sizes[code] > 0);
  if (column.kind === 'number' || column.kind === 'nullable-integer') {
    kept.sort((a, b) => Number(categories[a]) - Number(categories[b]));
  }
  const place = new Int32Array(categories.length).fill(-1);
  kept.forEach((code, i) => {
    place[code] = i;
  });
  return {
    name,
    codes: codes.map((code) => (code < 0 ? -1 : place[code])),
    groups: kept.map((code) => String(categories[code])),
  };
}

/** Cells of each group; those without one count nowhere. */
export function groupSizes(codes: ArrayLike<number>, groupCount: number): Int32Array {
  const sizes = new Int32Array(groupCount);
  for (let cell = 0; cell < codes.length; cell++) if (codes[cell] >= 0) sizes[codes[cell]]++;
  return sizes;
}

/** The cells of a group, ascending. */
export function cellsOf({ codes }: Grouping, code: number): Int32Array {
  return Int32Array.from(codes.keys()).filter((cell) => codes[cell] === code);
}

/** @throws InputError when the grouping is not of so many cells, or one has no group */
export function checkGrouped(cellCount: number, { name, codes }: Grouping): void {
  if (codes.length !== cellCount) {
    throw new InputError({
      what: `there are ${codes.length} cells`,
      where: `grouping ${name}`,
      expected: `${cellCount}, as there are of expression or embedding`,
      reason: 'grouping_length',
    });
  }
  const missing = codes.filter((code) => code < 0).length;
  if (missing === 0) return;
  throw new InputError({
    what: `${missing} of ${cellCount} cells have no value`,
    where: `grouping ${name}`,
    expected: 'a value for every cell',
    advice: 'Leave cells without one out.',
    reason: 'missing_group',
  });
}
