/** @file The graph that connects cells by the neighbours they share, which Seurat clusters on. */

import type { WeightedGraph } from './neighbour-graph.ts';
import type { Neighbours } from './neighbours.ts';

/** Weaker edges are left out: Seurat's default. */
const leastWeight = 1 / 15;

/**
 * The shared-nearest-neighbour graph of Seurat's `FindNeighbors`: two cells are connected by the Jaccard index of their
 * neighbourhoods, shared / (2 k - shared), where each cell belongs to its own and k counts it. Edges below 1/15 are left
 * out. Seurat's matrix has ones on its diagonal; here no cell is connected to itself.
 *
 * @param neighbours without the cell itself: 19 of them make Seurat's default k of 20
 */
export function sharedNeighbourGraph(neighbours: Neighbours): WeightedGraph {
  const { count, k } = neighbours;
  const members = neighbourhoodsOf(neighbours);
  const indptr = new Int32Array(count + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  const shared = new Int32Array(count);
  for (let cell = 0; cell < count; cell++) {
    const met: number[] = [];
    for (const member of [cell, ...neighbours.indices.subarray(cell * k, (cell + 1) * k)]) {
      for (let i = members.indptr[member]; i < members.indptr[member + 1]; i++) {
        const other = members.cells[i];
        if (shared[other]++ === 0) met.push(other);
      }
    }
    for (const other of met.sort((a, b) => a - b)) {
      const weight = shared[other] / (2 * (k + 1) - shared[other]);
      shared[other] = 0;
      if (other === cell || weight < leastWeight) continue;
      indices.push(other);
      weights.push(weight);
    }
    indptr[cell + 1] = indices.length;
  }
  return { count, indptr, indices: Int32Array.from(indices), weights: Float64Array.from(weights) };
}

/** For each cell, the cells in whose neighbourhoods it is, its own among them. */
function neighbourhoodsOf({ count, k, indices }: Neighbours) {
  const indptr = new Int32Array(count + 1).fill(1, 1);
  for (const member of indices) indptr[member + 1]++;
  for (let cell = 0; cell < count; cell++) indptr[cell + 1] += indptr[cell];
  const next = indptr.slice();
  const cells = new Int32Array(indptr[count]);
  for (let cell = 0; cell < count; cell++) {
    cells[next[cell]++] = cell;
    for (let i = cell * k; i < (cell + 1) * k; i++) cells[next[indices[i]]++] = cell;
  }
  return { indptr, cells };
}
