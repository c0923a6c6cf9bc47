/** @file The order of an epoch: shuffled well enough for training, yet read from disk in blocks. */

import { UsageError } from '../../support/errors.ts';
import { randomStream } from '../../support/random.ts';

/** Default size of a block: reading costs a fifth more than in blocks of 256, and a window has four times as many. */
export const cellsOfBlock = 64;

/** Default size of a window: some 2,000 cells. */
export const blocksOfWindow = 32;

/** How an epoch is shuffled. */
export interface BlockShuffle {
  readonly seed: number;
  readonly epoch: number;
  /** Most cells that lie together on disk and stay in one window. */
  readonly blockCells?: number;
  /** Most blocks whose cells are mixed, and held in memory at once. */
  readonly windowBlocks?: number;
}

/**
 * The windows of an epoch: each holds the cells of blocks drawn at random, shuffled, so that batches mix cells from
 * all over the data while the disk is read in long runs. Every cell is in exactly one window. The order depends on
 * the cells, seed and epoch alone, and can be told without reading anything. Blocks, and windows, are as few as the
 * limits allow and as even as can be, so that the last is as good a mixture as the others.
 *
 * @param cells in the order they lie on disk, for speed
 * @throws UsageError when a limit is not a whole number above 0
 */
export function shuffledBlocks(
  cells: Int32Array,
  { seed, epoch, blockCells = cellsOfBlock, windowBlocks = blocksOfWindow }: BlockShuffle,
): Int32Array[] {
  checkLimit('block of cells', blockCells);
  checkLimit('window of blocks', windowBlocks);
  const random = randomStream(seed, 'order of cells', epoch);
  const blocks = evenParts(cells.length, blockCells);
  random.shuffle(blocks);
  return evenParts(blocks.length, windowBlocks).map(([from, to]) => {
    const members = blocks.slice(from, to).flatMap(([start, end]) => [...cells.subarray(start, end)]);
    return random.shuffle(Int32Array.from(members));
  });
}

/** Cuts 0 .. length - 1 into as few parts of at most `most` as possible, whose sizes differ by 1 at the most. */
function evenParts(length: number, most: number): [start: number, end: number][] {
  const parts = Math.ceil(length / most);
  const edge = (part: number) => Math.floor((part * length) / parts);
  return Array.from({ length: parts }, (_, part) => [edge(part), edge(part + 1)]);
}

function checkLimit(where: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new UsageError({ what: `the size is ${value}`, where, expected: 'a whole number above 0' });
}
