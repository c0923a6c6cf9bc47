/** @file How far the neighbours of cells share or mix a grouping: two quick looks at an embedding. */

import type { Neighbours } from './neighbours.ts';

/** Agreement of cells with their neighbours. */
export interface NeighbourAgreement {
  /** Share of cells whose neighbours vote for the cell's own group: leave-one-out kNN accuracy. */
  readonly accuracy: number;
  /** The same, as the mean over groups, so that rare groups count. */
  readonly meanOverGroups: number;
  /** What always guessing the largest group would score. */
  readonly largestGroup: number;
  /** Cells that have a group. */
  readonly cells: number;
}

/**
 * Predicts each cell's group from the most frequent one among its neighbours, ties going to the group of the
 * nearer neighbour. Neighbours without a group have no vote; a cell that gets no vote counts as wrong.
 *
 * @param codes group of each point of `neighbours`, -1 for none
 * @returns NaN scores when no cell has a group
 */
export function neighbourAgreement(
  { count, k, indices }: Neighbours,
  codes: Int32Array,
  groupCount: number,
): NeighbourAgreement {
  const sizes = new Int32Array(groupCount);
  const right = new Int32Array(groupCount);
  const votes = new Int32Array(groupCount);
  for (let cell = 0; cell < count; cell++) {
    const own = codes[cell];
    if (own < 0) continue;
    sizes[own]++;
    votes.fill(0);
    for (let i = cell * k; i < (cell + 1) * k; i++) if (codes[indices[i]] >= 0) votes[codes[indices[i]]]++;
    let winner = -1;
    for (let i = cell * k; i < (cell + 1) * k; i++) {
      const code = codes[indices[i]];
      if (code >= 0 && (winner < 0 || votes[code] > votes[winner])) winner = code;
    }
    if (winner === own) right[own]++;
  }
  const cells = sizes.reduce((sum, size) => sum + size, 0);
  const present = [...sizes.keys()].filter((group) => sizes[group] > 0);
  return {
    accuracy: right.reduce((sum, n) => sum + n, 0) / cells,
    meanOverGroups: present.reduce((sum, group) => sum + right[group] / sizes[group], 0) / present.length,
    largestGroup: Math.max(0, ...sizes) / cells,
    cells,
  };
}

/**
 * Neighbours of other groups, as a share of what cells placed at random would have: 1 when groups are mixed
 * perfectly, 0 when they lie apart. Made for batches; of cell types little mixing is wanted.
 *
 * @param codes group of each point of `neighbours`, -1 for none: such cells are left out
 * @returns NaN when there are fewer than two groups
 */
export function neighbourMixing(
  { count, k, indices }: Neighbours,
  codes: Int32Array,
  groupCount: number,
): number {
  const sizes = new Int32Array(groupCount);
  let cells = 0;
  for (const code of codes) {
    if (code < 0) continue;
    sizes[code]++;
    cells++;
  }
  let observed = 0;
  let expected = 0;
  for (let cell = 0; cell < count; cell++) {
    const own = codes[cell];
    if (own < 0) continue;
    for (let i = cell * k; i < (cell + 1) * k; i++) {
      const other = codes[indices[i]];
      if (other < 0) continue;
      if (other !== own) observed++;
      expected += (cells - sizes[own]) / (cells - 1);
    }
  }
  return expected > 0 ? observed / expected : Number.NaN;
}
