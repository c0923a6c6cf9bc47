/** @file Which cells are read: some of each group, drawn by the seed. */

import { cellsOf, type Grouping } from '../../analysis/groups.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import { randomStream } from '../../support/random.ts';

/** At most so many of the rows, ascending. */
export function sampledRows(rows: Int32Array, most: number, seed: number, purpose: string): Int32Array {
  if (rows.length <= most) return rows;
  const chosen = randomStream(seed, 'cells', purpose).sample(rows.length, most);
  return Int32Array.from(chosen, (place) => rows[place]).sort();
}

/** Fewer cells say nothing. */
export const fewestCells = 10;

/**
 * Cells of a group.
 *
 * @throws UsageError when there is no such group
 * @throws InputError when it has fewer than 10 cells
 */
export function rowsOfGroup(grouping: Grouping, group: string): Int32Array {
  const code = grouping.groups.indexOf(group);
  const where = `obs, column ${grouping.name}`;
  if (code < 0) {
    throw new UsageError({
      what: `no cell is '${group}'`,
      where,
      expected: `one of ${grouping.groups.slice(0, 20).join(', ')}`,
      reason: 'group',
    });
  }
  const rows = cellsOf(grouping, code);
  if (rows.length >= fewestCells) return rows;
  throw new InputError({
    what: `'${group}' has ${rows.length} cells`,
    where,
    expected: `at least ${fewestCells}`,
    reason: 'too_few_cells',
  });
}
