/** @file How alike cells are within one modality: a kernel whose width each cell's surroundings set (Hao et al. 2021). */

import type { Neighbours } from '../neighbours.ts';
import type { Points } from '../points.ts';

/** What the kernel of each cell is made with. */
export interface ModalityWidths {
  /** Distance to the nearest other cell. */
  readonly nearest: Float64Array; // [cells]
  /** Mean distance beyond that to cells at the edge of the surroundings. */
  readonly bandwidth: Float64Array; // [cells]
}

/** Cells at the edge that the bandwidth is the mean over. */
const edgeCells = 20;

export function distanceBetween({ values, dimensions }: Points, a: number, b: number): number {
  let square = 0;
  for (let d = 0; d < dimensions; d++) {
    square += (values[a * dimensions + d] - values[b * dimensions + d]) ** 2;
  }
  return Math.sqrt(square);
}

/** 1 up to the nearest cell's distance, falling off with the bandwidth beyond it. */
export function kernel({ nearest, bandwidth }: ModalityWidths, cell: number, distance: number): number {
  const beyond = Math.max(0, distance - nearest[cell]);
  if (beyond === 0) return 1;
  return Math.exp(-beyond / bandwidth[cell]);
}

/**
 * Sets nearest distances and bandwidths. The edge of a cell's surroundings are the 20 cells that share the fewest of its
 * neighbours, but some; of cells that share equally few, those farther away.
 *
 * @param near at least `k` neighbours of each cell
 * @param k neighbours that count, the cell itself left out
 */
export function modalityWidths(points: Points, near: Neighbours, k: number): ModalityWidths {
  const { count } = points;
  const nearest = Float64Array.from({ length: count }, (_, cell) => near.distances[cell * near.k]);
  const members = Array.from({ length: count }, (_, cell) => [
    cell,
    ...near.indices.subarray(cell * near.k, cell * near.k + k),
  ]);
  const holders: number[][] = Array.from({ length: count }, () => []); // cells whose surroundings each cell is in
  for (const [cell, list] of members.entries()) for (const member of list) holders[member].push(cell);
  const shared = new Int32Array(count);
  const bandwidth = Float64Array.from({ length: count }, (_, cell) => {
    const met: number[] = [];
    for (const member of members[cell]) {
      for (const other of holders[member]) if (shared[other]++ === 0) met.push(other);
    }
    const edge = edgeOf(
      met.map((other) => ({ shared: shared[other], distance: distanceBetween(points, cell, other) })),
    );
    for (const other of met) shared[other] = 0;
    return edge.reduce((sum, distance) => sum + Math.max(0, distance - nearest[cell]), 0) / edge.length;
  });
  return { nearest, bandwidth };
}

/** Distances of the cells at the edge. The fewer neighbours are shared, the smaller the Jaccard index. */
function edgeOf(met: { shared: number; distance: number }[]): number[] {
  met.sort((a, b) => a.shared - b.shared);
  const last = met[Math.min(edgeCells, met.length) - 1].shared;
  return met
    .filter(({ shared }) => shared <= last)
    .map(({ distance }) => distance)
    .sort((a, b) => b - a)
    .slice(0, edgeCells);
}
