/** @file The batches of an epoch, read from disk while the batches before them are used. */

import { InputError, UsageError } from '../../support/errors.ts';
import { randomStream } from '../../support/random.ts';
import { plural } from '../../support/words.ts';
import { type BatchLimits, planTrainingBatches } from './batches.ts';
import { blocksOfWindow, cellsOfBlock, shuffledBlocks } from './order.ts';
import type { TrainingCell, TrainingCells } from './training-cells.ts';

/** What an epoch's batches depend on, beside its cells. */
export interface StreamOptions {
  readonly seed: number;
  readonly epoch: number;
  readonly batch: BatchLimits;
  /** Batches of the epoch that are done, when a run is resumed. */
  readonly skip?: number | undefined;
  /** Tokens that a cell takes in its batch, `<cls>` included, after sampling. */
  length(cell: TrainingCell): number;
}

/** One batch. */
export interface TrainingBatch {
  readonly cells: readonly TrainingCell[];
  /** Its number in the epoch, from 0. */
  readonly index: number;
}

/** A window has room for this many of the largest batches: lengths differ too much among fewer. */
const batchesOfWindow = 8;

/**
 * The batches of one epoch. They depend on the cells, seed, epoch, limits and lengths alone; with `skip` they are
 * exactly those that would have come next. Two windows of {@link shuffledBlocks} are in memory at most, one in use
 * and one being read; a cell is let go with its batch.
 *
 * Cells without any gene are left out: {@link TrainingCells.emptyCells} tells which. Windows to skip are not read
 * if the number of their batches is known: after {@link TrainingCells.countGenes}, and without a limit on tokens.
 *
 * @param members numbers of the cells to go through, ascending for speed
 * @throws InputError when no cell has any gene, naming the files, or a value is negative or not finite
 * @throws UsageError when more batches are to be skipped than there are
 */
export async function* streamBatches(
  cells: TrainingCells,
  members: Int32Array,
  options: StreamOptions,
): AsyncGenerator<TrainingBatch> {
  const windows = windowsOf(members, options);
  const skip = options.skip ?? 0;
  const passed = passOver(windows, cells, options);
  let index = passed.batches;
  let next = readAhead(cells, windows[passed.windows]);
  try {
    for (let window = passed.windows; window < windows.length; window++) {
      const batches = planWindow(withGenes(await next, windows[window], cells), window, options);
      next = readAhead(cells, windows[window + 1]);
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
        if (index >= skip) yield { cells: batch, index };
        index++;
      }
    }
  } finally {
    await next.catch(() => undefined); // the caller may close the files now
  }
  if (index === 0) refuseEmpty(cells, members);
  if (index < skip) {
    throw new UsageError({
      what: `${plural(skip, 'batch', 'batches')} were to be skipped and the epoch has ${index}`,
      where: 'resume',
      advice: 'The data or the options are not those of the run that is resumed.',
      reason: 'skip_range',
    });
  }
}

/**
 * The number of batches of an epoch whose cells all have genes and whose batches have no limit on tokens, told without
 * reading anything.
 */
export function batchCount(
  members: Int32Array,
  options: Pick<StreamOptions, 'seed' | 'epoch' | 'batch'>,
): number {
  return windowsOf(members, options).reduce(
    (total, window) => total + Math.ceil(window.length / options.batch.cells),
    0,
  );
}

function windowsOf(
  members: Int32Array,
  { seed, epoch, batch }: Pick<StreamOptions, 'seed' | 'epoch' | 'batch'>,
): Int32Array[] {
  const largest = Math.min(batch.cells, members.length);
  const windowBlocks = Math.max(blocksOfWindow, Math.ceil((batchesOfWindow * largest) / cellsOfBlock));
  return shuffledBlocks(members, { seed, epoch, windowBlocks });
}

/** The first windows, as many as can be skipped unread. */
function passOver(
  windows: readonly Int32Array[],
  cells: TrainingCells,
  { batch, skip = 0 }: StreamOptions,
): { readonly windows: number; readonly batches: number } {
  let batches = 0;
  if (batch.tokens !== undefined) return { windows: 0, batches };
  for (let window = 0; window < windows.length; window++) {
    const usable = cells.usableAmong(windows[window]);
    if (usable === undefined) return { windows: window, batches };
    const more = Math.ceil(usable / batch.cells);
    if (batches + more > skip) return { windows: window, batches };
    batches += more;
  }
  return { windows: windows.length, batches };
}

/** Begins to read a window. A failure is told when the result is waited for, not before. */
function readAhead(cells: TrainingCells, window: Int32Array | undefined): Promise<TrainingCell[]> {
  const reading = window === undefined ? Promise.resolve([]) : cells.read(window);
  reading.catch(() => undefined);
  return reading;
}

function withGenes(read: TrainingCell[], numbers: Int32Array, cells: TrainingCells): TrainingCell[] {
  return read.filter((_, place) => !cells.isEmpty(numbers[place]));
}

/** The batches of a window, the same whatever came before. */
function planWindow(
  cells: readonly TrainingCell[],
  window: number,
  { seed, epoch, batch, length }: StreamOptions,
): TrainingCell[][] {
  const random = randomStream(seed, 'order of batches', epoch, window);
  const lengths = cells.map((cell) => length(cell));
  const plan = planTrainingBatches(lengths, batch, random);
  return plan.map((places) => Array.from(places, (place) => cells[place]));
}

function refuseEmpty(cells: TrainingCells, members: Int32Array): never {
  const sources = new Set(Array.from(members, (cell) => cells.sources[cells.sourceOf(cell)].label));
  throw new InputError({
    what: `none of ${plural(members.length, 'cell')} has a gene of the vocabulary above zero`,
    where: [...sources].join(', '),
    advice: 'Choose another layer, or the column of var that holds gene symbols.',
    reason: 'no_usable_cell',
  });
}
