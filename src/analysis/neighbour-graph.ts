/** @file The weighted graph of nearest neighbours that cells are clustered on, with UMAP's connectivities. */

import { UsageError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { type Neighbours, nearestNeighbours } from './neighbours.ts';
import type { Points } from './points.ts';

/** An undirected graph: every edge is listed from both ends, the ends of a row ascend, none is its own. */
export interface WeightedGraph {
  readonly count: number;
  /** Where each point's edges begin. */
  readonly indptr: Int32Array; // [count + 1]
  readonly indices: Int32Array; // [edges]
  /** Positive. */
  readonly weights: Float64Array; // [edges]
}

/** The search for a point's scale stops this near to the wanted sum of memberships, or after so many halvings. */
const tolerance = 1e-5;
const halvings = 64;
/** The least scale, as a share of the mean distance: keeps memberships from vanishing where cells coincide. */
const leastScale = 1e-3;

/**
 * The graph that `scanpy.pp.neighbors(n_neighbors)` makes: exact Euclidean neighbours and UMAP connectivities.
 *
 * @param neighbourCount as in scanpy the cell itself counts among them. Default 15, scanpy's
 * @throws UsageError when the number is below 2 or above the number of cells
 * @throws InputError when a point has an entry that is no finite number
 */
export async function neighbourGraph(
  points: Points,
  neighbourCount = 15,
  control?: RunControl,
): Promise<WeightedGraph> {
  if (!Number.isInteger(neighbourCount) || neighbourCount < 2 || neighbourCount > points.count) {
    throw new UsageError({
      what: `the number of neighbours is ${neighbourCount}, the cell itself included`,
      where: `${points.count} cells`,
      expected: 'a whole number of at least 2, at most the number of cells',
      reason: 'neighbour_count',
    });
  }
  return umapConnectivities(await nearestNeighbours(points, neighbourCount - 1, 'euclidean', control));
}

/**
 * UMAP's connectivities (McInnes, Healy & Melville 2018, section 3.1). A neighbour at distance d belongs to a cell's
 * surroundings to the degree exp(-(d - rho) / sigma), where rho is the distance of the nearest neighbour that does
 * not coincide with the cell and sigma makes the degrees sum to log2(k + 1). Two cells are connected by a + b - ab,
 * the degree to which either belongs to the other's.
 */
export function umapConnectivities(neighbours: Neighbours): WeightedGraph {
  return union(neighbours, memberships(neighbours));
}

/** @returns how far each neighbour belongs to the point's surroundings, `[count, k]` */
function memberships({ count, k, distances }: Neighbours): Float64Array {
  const wanted = Math.log2(k + 1);
  const meanOfAll = distances.reduce((sum, distance) => sum + distance, 0) / (count * (k + 1));
  const degrees = new Float64Array(count * k);
  for (let point = 0; point < count; point++) {
    const own = distances.subarray(point * k, (point + 1) * k); // ascending
    const rho = own.find((distance) => distance > 0) ?? 0;
    const mean = rho > 0 ? own.reduce((sum, distance) => sum + distance, 0) / (k + 1) : meanOfAll;
    const sigma = Math.max(scaleOf(own, rho, wanted), leastScale * mean);
    own.forEach((distance, i) => {
      degrees[point * k + i] = distance <= rho || sigma === 0 ? 1 : Math.exp(-(distance - rho) / sigma);
    });
  }
  return degrees;
}

/** The scale at which the memberships of a point's neighbours sum to `wanted`, by bisection. */
function scaleOf(distances: Float64Array, rho: number, wanted: number): number {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let scale = 1;
  for (let halving = 0; halving < halvings; halving++) {
    let sum = 0;
    for (const distance of distances) sum += distance > rho ? Math.exp(-(distance - rho) / scale) : 1;
    if (Math.abs(sum - wanted) < tolerance) break;
    if (sum > wanted) high = scale;
    else low = scale;
    scale = high === Number.POSITIVE_INFINITY ? scale * 2 : (low + high) / 2;
  }
  return scale;
}

/** Joins the directed degrees `a` and `b` of two points to a + b - ab. */
function union({ count, k, indices }: Neighbours, degrees: Float64Array): WeightedGraph {
  const edges = Array.from({ length: count }, () => new Map<number, number>());
  for (let point = 0; point < count; point++) {
    for (let i = point * k; i < (point + 1) * k; i++) {
      const degree = degrees[i];
      if (degree === 0) continue; // so far away that the exponential vanished
      const other = indices[i];
      const reverse = edges[point].get(other) ?? 0;
      const joined = degree + reverse - degree * reverse;
      edges[point].set(other, joined);
      edges[other].set(point, joined);
    }
  }
  const indptr = new Int32Array(count + 1);
  edges.forEach((ends, point) => {
    indptr[point + 1] = indptr[point] + ends.size;
  });
  const sortedIndices = new Int32Array(indptr[count]);
  const weights = new Float64Array(indptr[count]);
  edges.forEach((ends, point) => {
    let place = indptr[point];
    for (const other of Int32Array.from(ends.keys()).sort()) {
      sortedIndices[place] = other;
      weights[place++] = ends.get(other) ?? 0;
    }
  });
  return { count, indptr, indices: sortedIndices, weights };
}
