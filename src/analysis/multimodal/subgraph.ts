/** @file Some of the cells of a graph. */

import type { WeightedGraph } from '../neighbour-graph.ts';

/** The graph among some of its cells, numbered in the order of `rows`; edges to others are left out. */
export function subgraph(
  { count, indptr, indices, weights }: WeightedGraph,
  rows: Int32Array,
): WeightedGraph {
  const place = new Int32Array(count).fill(-1);
  rows.forEach((cell, i) => {
    place[cell] = i;
  });
  const pointers = new Int32Array(rows.length + 1);
  const kept: number[] = [];
  for (const [i, cell] of rows.entries()) {
    for (let j = indptr[cell]; j < indptr[cell + 1]; j++) if (place[indices[j]] >= 0) kept.push(j);
    pointers[i + 1] = kept.length;
  }
  return {
    count: rows.length,
    indptr: pointers,
    indices: Int32Array.from(kept, (j) => place[indices[j]]),
    weights: Float64Array.from(kept, (j) => weights[j]),
  };
}
