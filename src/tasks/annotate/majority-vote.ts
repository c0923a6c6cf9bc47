/** @file Labels by clusters: every cell gets the label most cells of its cluster have. */

import { majorityVote } from '../../analysis/classifiers/majority-vote.ts';
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
export async function voteOfClusters(
  points: Points,
  codes: Int32Array,
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
  const vote = majorityVote(
    rows.map((cell) => codes[cell]),
    found.codes,
  );
  rows.forEach((cell, i) => {
    clusters[cell] = found.codes[i];
    voted[cell] = vote.codes[i];
    shares[cell] = vote.shares[i];
  });
  return { clusters, codes: voted, shares };
}
