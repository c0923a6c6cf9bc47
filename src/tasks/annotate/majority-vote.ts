/** @file Labels by clusters: every cell gets the label most cells of its cluster have. */

import { leiden } from '../../analysis/leiden.ts';
import { neighbourGraph } from '../../analysis/neighbour-graph.ts';
import { finiteRows, type Points, takeRows } from '../../analysis/points.ts';
import type { RunControl } from '../../support/progress.ts';

/** Clusters of cells and their common labels. */
export interface Voted {
  /** -1 for cells without a place. */
  readonly clusters: Int32Array; // [cells]
  /** The most frequent code of the cell's cluster. */
  readonly codes: Int32Array; // [cells]
  /** Share of the cluster's cells that have it. */
  readonly shares: Float32Array; // [cells]
}

/** Finer than types, as a vote is to settle single cells, not to merge types: CellTypist over-clusters too. */
const resolution = 5;
const neighbourCount = 15;

/**
 * Clusters the cells by their embedding and lets each cluster vote. Where types are fine or rare, votes often do more
 * harm than good.
 *
 * @param points embedding of the cells; NaN for cells without a place, which have no vote
 */
export async function majorityVote(
  points: Points,
  codes: Int32Array,
  classCount: number,
  { seed, ...control }: RunControl & { readonly seed: number },
): Promise<Voted> {
  const rows = finiteRows(points);
  const clusters = new Int32Array(codes.length).fill(-1);
  const voted = codes.slice();
  const shares = new Float32Array(codes.length).fill(Number.NaN);
  if (rows.length < 2) return { clusters, codes: voted, shares };
  const graph = await neighbourGraph(
    takeRows(points, rows),
    Math.max(2, Math.min(neighbourCount, rows.length)),
    control,
  );
  const found = leiden(graph, { resolution, seed });
  const votes = new Int32Array(found.clusters * classCount);
  const sizes = new Int32Array(found.clusters);
  rows.forEach((cell, i) => {
    clusters[cell] = found.codes[i];
    if (codes[cell] < 0) return;
    votes[found.codes[i] * classCount + codes[cell]]++;
    sizes[found.codes[i]]++;
  });
  for (const cell of rows) {
    const own = votes.subarray(clusters[cell] * classCount, (clusters[cell] + 1) * classCount);
    const best = own.indexOf(Math.max(...own));
    if (codes[cell] >= 0) voted[cell] = best;
    shares[cell] = own[best] / Math.max(1, sizes[clusters[cell]]);
  }
  return { clusters, codes: voted, shares };
}
