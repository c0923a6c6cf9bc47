/** @file Diffusion coordinates: cells placed by how random walks on their graph spread. */

import { leadingEigen, type SymmetricMap } from '../leading-eigen.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';
import type { Points } from '../points.ts';

/** Eigenvectors that are computed, as in scib-metrics; the first tells nothing and is left out. */
const mostEigenvectors = 100;

/**
 * The coordinates in which scib-metrics looks for the neighbours of kBET: eigenvectors of the walk's symmetric
 * transition matrix, its edges first divided by the densities of both ends (Coifman & Lafon 2006, alpha = 1), each
 * times its eigenvalue over one less it, which sums up walks of all lengths. Those with the eigenvalues of largest
 * magnitude are taken.
 *
 * @param graph connected, of at least two points
 */
export function diffusionCoordinates(graph: WeightedGraph): Points {
  const { count } = graph;
  const transition = transitionMap(graph);
  const between = new Float64Array(count);
  const taken = Math.min(mostEigenvectors, count - 1);
  // squared, the largest in magnitude are the largest
  const { vectors } = leadingEigen(
    (vector, image) => {
      transition(vector, between);
      transition(between, image);
    },
    count,
    taken,
  );
  const dimensions = taken - 1;
  const values = new Float64Array(count * dimensions);
  for (let i = 0; i < dimensions; i++) {
    const vector = vectors.subarray((i + 1) * count, (i + 2) * count);
    transition(vector, between);
    const eigenvalue = between.reduce((sum, value, point) => sum + value * vector[point], 0);
    const scale = eigenvalue / (1 - eigenvalue);
    for (let point = 0; point < count; point++) values[point * dimensions + i] = scale * vector[point];
  }
  return { values, count, dimensions };
}

/** What one symmetric step of the walk does to a vector. */
function transitionMap({ count, indptr, indices, weights }: WeightedGraph): SymmetricMap {
  const density = sumsOfRows(count, indptr, weights);
  const steps = weights.slice();
  eachEdge(count, indptr, (row, i) => {
    steps[i] /= density[row] * density[indices[i]];
  });
  const degree = sumsOfRows(count, indptr, steps);
  eachEdge(count, indptr, (row, i) => {
    steps[i] /= Math.sqrt(degree[row] * degree[indices[i]]);
  });
  return (vector, image) => {
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) sum += steps[i] * vector[indices[i]];
      image[row] = sum;
    }
  };
}

function sumsOfRows(count: number, indptr: Int32Array, values: Float64Array): Float64Array {
  const sums = new Float64Array(count);
  eachEdge(count, indptr, (row, i) => {
    sums[row] += values[i];
  });
  return sums;
}

function eachEdge(count: number, indptr: Int32Array, visit: (row: number, edge: number) => void): void {
  for (let row = 0; row < count; row++) for (let i = indptr[row]; i < indptr[row + 1]; i++) visit(row, i);
}
