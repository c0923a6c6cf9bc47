/** @file Graph connectivity: whether the cells of a label hang together in the graph of neighbours. */

import { type Grouping, groupSizes } from '../groups.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';

/**
 * For each label the share of its cells in the largest connected part of the graph restricted to them, then the mean
 * over labels (Luecken et al. 2022, doi:10.1038/s41592-021-01336-8): 1 when each label is one piece.
 *
 * @param labels cells without a label are left out
 * @returns NaN when no cell has a label
 */
export function graphConnectivity(graph: WeightedGraph, labels: Grouping): number {
  const sizes = groupSizes(labels.codes, labels.groups.length);
  const largest = new Int32Array(labels.groups.length);
  for (const { label, cells } of connectedParts(graph, labels)) {
    largest[label] = Math.max(largest[label], cells.length);
  }
  const present = [...sizes.keys()].filter((label) => sizes[label] > 0);
  return present.reduce((sum, label) => sum + largest[label] / sizes[label], 0) / present.length;
}

/** Cells of one label that edges between cells of that label connect. */
export interface ConnectedPart {
  readonly label: number;
  readonly cells: readonly number[];
}

/** The connected parts of all labels, by walking along edges; in the order of their first cells. */
export function* connectedParts(
  { count, indptr, indices }: WeightedGraph,
  { codes }: Grouping,
): Generator<ConnectedPart> {
  const visited = new Uint8Array(count);
  for (let start = 0; start < count; start++) {
    const label = codes[start];
    if (label < 0 || visited[start] === 1) continue;
    const cells = [start];
    visited[start] = 1;
    for (const cell of cells) {
      for (let i = indptr[cell]; i < indptr[cell + 1]; i++) {
        const other = indices[i];
        if (visited[other] === 1 || codes[other] !== label) continue;
        visited[other] = 1;
        cells.push(other);
      }
    }
    yield { label, cells };
  }
}
