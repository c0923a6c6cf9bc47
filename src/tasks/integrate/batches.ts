/** @file Which cells share a training step where no neighbours are learnt: in random order, or of one batch each. */

import { randomStream } from '../../support/random.ts';

/** What the order follows from. */
interface Drawn {
  readonly seed: number;
  readonly epoch: number;
}

/** Cells in random order, cut into even batches. */
export function inBatches(rows: Int32Array, batchSize: number, { seed, epoch }: Drawn): Int32Array[] {
  return cut(randomStream(seed, 'order of cells', epoch).shuffle(rows.slice()), batchSize);
}

/**
 * Batches of training whose cells are all of one batch of the data, in random order: batch normalisation then knows the
 * batch by its own statistics.
 */
export function batchesWithin(
  rows: Int32Array,
  batchSize: number,
  { seed, epoch, codes }: Drawn & { readonly codes: Int32Array },
): Int32Array[] {
  const random = randomStream(seed, 'order of cells', epoch);
  const byCode = new Map<number, number[]>();
  for (const row of random.shuffle(rows.slice())) {
    const members = byCode.get(codes[row]);
    if (members === undefined) byCode.set(codes[row], [row]);
    else members.push(row);
  }
  const batches = Array.from(byCode.values(), (members) => cut(Int32Array.from(members), batchSize)).flat();
  return random.shuffle(batches);
}

/** As few parts as fit, and as even as possible. */
function cut(rows: Int32Array, size: number): Int32Array[] {
  const parts = Math.ceil(rows.length / size);
  return Array.from({ length: parts }, (_, part) =>
    rows.subarray(Math.round((part * rows.length) / parts), Math.round(((part + 1) * rows.length) / parts)),
  );
}
