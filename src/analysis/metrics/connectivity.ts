/** @file Graph connectivity: whether the cells of a label hang together in the graph of neighbours. */

import type { Grouping } from '../groups.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';

/**
 * For each label the share of its cells in the largest connected part of the graph restricted to them, then the mean
 * over labels (Luecken et al. 2022, doi:10.1038/s41592-021-01336-8): 1 when each label is one piece.
 *
 * @param labels cells without a label are left out
 * @returns NaN when no cell has a label
 */
export function graphConnectivity(graph: WeightedGraph, labels: Grouping): number {
  const sizes = new Int32Array(labels.groups.length);
  for (const code of labels.codes) if (code >= 0) sizes[code]++;
  const largest = largestParts(graph, labels);
  const present = [...sizes.keys()].filter((label) => sizes[label] > 0);
  return present.reduce((sum, label) => sum + largest[label] / sizes[label], 0) / present.length;
}

/** The cells of each label's largest connected part, by walking along edges between cells of one label. */
function largestParts({ count, indptr, indices }: WeightedGraph, { codes, groups }: Grouping): Int32Array {
  const largest = new Int32Array(groups.length);
  const visited = new Uint8Array(count);
  for (let start = 0; start < count; start++) {
    const label = codes[start];
    if (label < 0 || visited[start] === 1) continue;
    const part = [start];
    visited[start] = 1;
    for (const cell of part) {
      for (let i = indptr[cell]; i < indptr[cell + 1]; i++) {
        const other = indices[i];
        if (visited[other] === 1 || codes[other] !== label) continue;
        visited[other] = 1;
        part.push(other);
      }
    }
    largest[label] = Math.max(largest[label], part.length);
  }
  return largest;
}
