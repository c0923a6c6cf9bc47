/** @file Cells that train and cells that are held out to tell how well it goes. */

import { InputError, UsageError } from '../../support/errors.ts';
import { randomStream } from '../../support/random.ts';

/** Cell numbers of either side, ascending. */
export interface CellSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** How cells are split. */
export interface SplitOptions {
  /** The share of cells to hold out, between 0 and 1. */
  readonly share: number;
  readonly seed: number;
  /**
   * A group of each cell, such as its donor. Whole groups go to one side, so that what is told of held-out cells
   * holds for new groups. Any number is a group; cells that share the number for "unknown" are one.
   */
  readonly groups?: ArrayLike<number> | undefined; // [cells]
}

/**
 * Splits cells 0 .. count - 1 at random, the same way for the same seed.
 *
 * Without groups the number of held-out cells is the share, rounded. With groups, they are looked at in random order
 * and each is held out that brings the number of cells nearer to the share; if none does, the smallest is.
 *
 * @throws UsageError when the share is not between 0 and 1, or groups are not of all cells
 * @throws InputError when a side would be empty
 */
export function splitCells(count: number, { share, seed, groups }: SplitOptions): CellSplit {
  if (!(share > 0 && share < 1)) {
    throw new UsageError({
      what: `the share of cells to hold out is ${share}`,
      where: 'validation',
      expected: 'a number between 0 and 1',
      reason: 'validation_share',
    });
  }
  const held = groups === undefined ? heldCells(count, share, seed) : heldGroups(count, share, seed, groups);
  const side = (wanted: number) =>
    Int32Array.from({ length: count }, (_, cell) => cell).filter((cell) => held[cell] === wanted);
  return { train: side(0), validation: side(1) };
}

/** 1 for held-out cells. */
function heldCells(count: number, share: number, seed: number): Uint8Array {
  const wanted = Math.round(count * share);
  if (wanted === 0 || wanted === count) {
    throw new InputError({
      what: `${share} of ${count} cells leaves ${wanted === 0 ? 'none to hold out' : 'none to train on'}`,
      where: 'validation',
      advice: 'Use more cells or another share.',
      reason: 'split_empty',
    });
  }
  const held = new Uint8Array(count);
  for (const cell of randomStream(seed, 'validation cells').sample(count, wanted)) held[cell] = 1;
  return held;
}

function heldGroups(count: number, share: number, seed: number, groups: ArrayLike<number>): Uint8Array {
  if (groups.length !== count) {
    throw new UsageError({
      what: `there are ${groups.length} groups for ${count} cells`,
      where: 'validation',
      expected: 'the group of each cell',
      reason: 'group_count',
    });
  }
  const sizes = new Map<number, number>();
  for (let cell = 0; cell < count; cell++) sizes.set(groups[cell], (sizes.get(groups[cell]) ?? 0) + 1);
  if (sizes.size < 2) {
    throw new InputError({
      what: `the cells are of ${sizes.size} group`,
      where: 'validation',
      expected: 'at least 2 groups: one to train on, one to hold out',
      advice: 'Split by cell, or choose another column.',
      reason: 'split_empty',
    });
  }
  const order = [...sizes.keys()].sort((a, b) => a - b); // by number: the order of cells plays no part
  const chosen = chosenGroups(randomStream(seed, 'validation groups').shuffle(order), sizes, count * share);
  return Uint8Array.from({ length: count }, (_, cell) => (chosen.has(groups[cell]) ? 1 : 0));
}

/** At least one group, never all. */
function chosenGroups(
  order: readonly number[],
  sizes: ReadonlyMap<number, number>,
  wanted: number,
): Set<number> {
  const chosen = new Set<number>();
  let held = 0;
  for (const group of order) {
    const size = sizes.get(group)!;
    if (Math.abs(held + size - wanted) >= Math.abs(held - wanted)) continue;
    if (chosen.size === sizes.size - 1) break;
    chosen.add(group);
    held += size;
  }
  if (chosen.size === 0) {
    chosen.add(order.reduce((least, group) => (sizes.get(group)! < sizes.get(least)! ? group : least)));
  }
  return chosen;
}
