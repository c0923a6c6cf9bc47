/** @file The cells an embedding has a place for, with their nearest neighbours: what layout and scores share. */

import type { RunControl } from '../support/progress.ts';
import { type Neighbours, nearestNeighbours } from './neighbours.ts';
import { finiteRows, type Points, takeRows } from './points.ts';

/** An embedding's placed cells. */
export interface Neighbourhood {
  /** Rows of the embedding that are finite, ascending: neighbours count these. */
  readonly cells: Int32Array;
  readonly points: Points;
  /** Null when no two cells have a place. */
  readonly neighbours: Neighbours | null;
}

/**
 * Finds the neighbours of all cells that have a place; cells without any known gene have none.
 *
 * @param k asked neighbours; fewer where there are fewer cells. Default 15, as customary for UMAP
 */
export async function neighbourhoodOf(
  embedding: Points,
  k = 15,
  control?: RunControl,
): Promise<Neighbourhood> {
  const cells = finiteRows(embedding);
  const points = cells.length === embedding.count ? embedding : takeRows(embedding, cells);
  const possible = Math.min(k, points.count - 1);
  const neighbours = possible < 1 ? null : await nearestNeighbours(points, possible, 'euclidean', control);
  return { cells, points, neighbours };
}
