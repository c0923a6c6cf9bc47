/** @file Which batches have cells in common, and by which pairs of cells. */

import type { Grouping } from '../groups.ts';
import type { MutualPairs } from '../mutual-neighbours.ts';
import type { Matches } from './smooth-shift.ts';

/** The matched pairs of two batches. */
export interface BatchLink {
  readonly batches: readonly [number, number];
  /** Cells of each batch that have a partner in the other, as a share: the larger of the two. */
  readonly share: number;
  /** The pairs, to move cells of `batch` to those of the other. */
  from(batch: number): Matches;
}

/** Every two batches with a pair, the best matched first. */
export function batchLinks({ first, second }: MutualPairs, { codes, groups }: Grouping): BatchLink[] {
  const sizes = new Int32Array(groups.length);
  for (const code of codes) sizes[code]++;
  const links: BatchLink[] = [];
  for (let start = 0, end = 0; start < first.length; start = end) {
    const batches = [codes[first[start]], codes[second[start]]] as const;
    while (end < first.length && codes[first[end]] === batches[0] && codes[second[end]] === batches[1]) end++;
    const cells = [first.subarray(start, end), second.subarray(start, end)] as const;
    const shares = cells.map((side, i) => new Set(side).size / sizes[batches[i]]);
    links.push({
      batches,
      share: Math.max(...shares),
      from: (batch) =>
        batch === batches[0] ? { from: cells[0], to: cells[1] } : { from: cells[1], to: cells[0] },
    });
  }
  return links.sort((a, b) => b.share - a.share);
}
