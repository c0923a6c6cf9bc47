/** @file Genes as a graph: the most similar ones of each, and edges above a threshold. */

import { UsageError } from '../../support/errors.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';
import type { Similarity } from './similarity.ts';

/** Two genes and how alike they are. */
export interface GeneEdge {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/**
 * The genes most similar to one, the most similar first, without itself; ties in the order of genes.
 *
 * @param most default all
 */
export function mostSimilar({ count, values }: Similarity, gene: number, most = count - 1): Int32Array {
  const row = values.subarray(gene * count, (gene + 1) * count);
  return Int32Array.from(row.keys())
    .filter((other) => other !== gene)
    .sort((a, b) => row[b] - row[a] || a - b)
    .subarray(0, most);
}

/**
 * Connects each gene with its most similar ones; an edge counts whichever end has chosen it, all weigh 1.
 *
 * @param neighbours chosen by each gene. Default 15
 * @throws UsageError when there are not so many other genes
 */
export function similarityGraph(similarity: Similarity, neighbours = 15): WeightedGraph {
  const { count } = similarity;
  if (!Number.isInteger(neighbours) || neighbours < 1 || neighbours >= count) {
    throw new UsageError({
      what: `each gene is to have ${neighbours} neighbours`,
      where: `${count} genes`,
      expected: 'a whole number of at least 1, below the number of genes',
      reason: 'neighbour_count',
    });
  }
  const ends = Array.from({ length: count }, () => new Set<number>());
  for (let gene = 0; gene < count; gene++) {
    for (const other of mostSimilar(similarity, gene, neighbours)) {
      ends[gene].add(other);
      ends[other].add(gene);
    }
  }
  const indptr = new Int32Array(count + 1);
  ends.forEach((others, gene) => {
    indptr[gene + 1] = indptr[gene] + others.size;
  });
  const indices = new Int32Array(indptr[count]);
  ends.forEach((others, gene) => {
    indices.set(Int32Array.from(others).sort(), indptr[gene]);
  });
  return { count, indptr, indices, weights: new Float64Array(indices.length).fill(1) };
}

/**
 * Edges of genes at least as alike as the threshold, each once, the strongest first. Similarity has no direction: what
 * is connected is alike, and nothing says that one regulates the other.
 */
export function similarityEdges({ count, values }: Similarity, threshold: number): GeneEdge[] {
  const edges: GeneEdge[] = [];
  for (let from = 0; from < count; from++) {
    for (let to = from + 1; to < count; to++) {
      const weight = values[from * count + to];
      if (weight >= threshold && weight > 0) edges.push({ from, to, weight });
    }
  }
  return edges.sort((a, b) => b.weight - a.weight || a.from - b.from || a.to - b.to);
}
