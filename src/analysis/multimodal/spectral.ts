/** @file Coordinates of a graph: the slowest ways in which a walk over it forgets where it began. */

import { leadingEigen } from '../leading-eigen.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';
import type { Points } from '../points.ts';

/** How {@link spectralComponents} are made. */
export interface SpectralOptions {
  /** Default 15: more follow single cells. */
  readonly components?: number | undefined;
  /**
   * Steps of the walk, by which a coordinate shrinks the more the faster it is forgotten (Coifman & Lafon 2006). Default
   * 0: deviations of all coordinates are equal.
   */
  readonly steps?: number | undefined;
}

/**
 * Leading eigenvectors of D^-1/2 W D^-1/2 after the first, which tells degrees only (Ng, Jordan & Weiss 2001): the
 * embedding in which joint neighbours of several modalities become coordinates.
 *
 * @param graph symmetric; a cell without edges lies at the origin
 */
export function spectralComponents(
  graph: WeightedGraph,
  { components = 15, steps = 0 }: SpectralOptions = {},
): Points {
  const { count, indptr, indices, weights } = graph;
  const roots = Float64Array.from({ length: count }, (_, cell) => {
    let degree = 0;
    for (let i = indptr[cell]; i < indptr[cell + 1]; i++) degree += weights[i];
    return degree > 0 ? 1 / Math.sqrt(degree) : 0;
  });
  const asked = Math.min(components + 1, count);
  const { values: eigenvalues, vectors } = leadingEigen(
    (vector, image) => {
      for (let cell = 0; cell < count; cell++) {
        let sum = 0;
        for (let i = indptr[cell]; i < indptr[cell + 1]; i++) {
          sum += weights[i] * roots[indices[i]] * vector[indices[i]];
        }
        image[cell] = vector[cell] + roots[cell] * sum; // plus one: no eigenvalue is negative
      }
    },
    count,
    asked,
  );
  const dimensions = asked - 1;
  const values = new Float64Array(count * dimensions);
  for (let c = 0; c < dimensions; c++) {
    const left = Math.max(0, eigenvalues[c + 1] - 1) ** steps;
    for (let cell = 0; cell < count; cell++) {
      values[cell * dimensions + c] = left * vectors[(c + 1) * count + cell];
    }
  }
  return { values, count, dimensions };
}
