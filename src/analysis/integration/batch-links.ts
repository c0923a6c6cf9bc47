/** @file Which batches have cells in common, and by which pairs of cells. */

import { type Grouping, groupSizes } from '../groups.ts';
import type { MutualPairs } from '../mutual-neighbours.ts';
import type { Matches } from './smooth-shift.ts';

/** The matched pairs of two batches. */
export interface BatchLink {
  readonly batches: readonly [earlier: number, later: number];
  /** Cells of each batch that have a partner in the other, as a share: the larger of the two. */
  readonly share: number;
  /** The pairs, to move cells of `batch` to those of the other. */
  from(batch: number): Matches;
}

/** Every two batches with a pair, the best matched first. */
export function batchLinks({ first, second }: MutualPairs, { codes, groups }: Grouping): BatchLink[] {
  const sizes = groupSizes(codes, groups.length);
  const pairs = new Map<number, number[]>(); // by both batches
  for (let pair = 0; pair < first.length; pair++) {
    const key = codes[first[pair]] * groups.length + codes[second[pair]];
    const listed = pairs.get(key);
    if (listed === undefined) pairs.set(key, [pair]);
    else listed.push(pair);
  }
  const links = Array.from(pairs, ([key, listed]): BatchLink => {
    const batches = [Math.floor(key / groups.length), key % groups.length] as const;
    const earlier = Int32Array.from(listed, (pair) => first[pair]);
    const later = Int32Array.from(listed, (pair) => second[pair]);
    return {
      batches,
      share: Math.max(new Set(earlier).size / sizes[batches[0]], new Set(later).size / sizes[batches[1]]),
      from: (batch) => (batch === batches[0] ? { from: earlier, to: later } : { from: later, to: earlier }),
    };
  });
  return links.sort((a, b) => b.share - a.share);
}
