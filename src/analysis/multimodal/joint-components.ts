/** @file One set of coordinates for cells with two modalities, by plain methods. */

import type { RunControl } from '../../support/progress.ts';
import { joined } from '../integration/joined.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';
import type { Neighbours } from '../neighbours.ts';
import { finiteRows, type Points } from '../points.ts';
import { spectralComponents } from './spectral.ts';
import { weightedNeighbours } from './weighted-neighbours.ts';

/** Joint coordinates. */
export interface JointComponents {
  readonly points: Points; // [cells, dimensions]
  /** What each modality counts for in each cell. */
  readonly weights: Float64Array; // [cells, 2]
  /** The graph of joint neighbours; null where one modality alone has a say. */
  readonly graph: WeightedGraph | null;
  readonly method: string;
}

/** Coordinates of the graph of joint neighbours: more follow single cells. */
const spectralDimensions = 15;

/** An edge of weight 1 for each pair of which one is among the other's neighbours. */
export function pairsOf({ count, k, indices }: Neighbours): WeightedGraph {
  const others: Set<number>[] = Array.from({ length: count }, () => new Set());
  for (let cell = 0; cell < count; cell++) {
    for (const other of indices.subarray(cell * k, (cell + 1) * k)) {
      if (other === cell) continue;
      others[cell].add(other);
      others[other].add(cell);
    }
  }
  const indptr = new Int32Array(count + 1);
  for (let cell = 0; cell < count; cell++) indptr[cell + 1] = indptr[cell] + others[cell].size;
  return {
    count,
    indptr,
    indices: Int32Array.from(others.flatMap((set) => [...set].sort((a, b) => a - b))),
    weights: new Float64Array(indptr[count]).fill(1),
  };
}

/**
 * Coordinates from weighted nearest neighbours. Where one modality alone is trusted and every cell has it, its own
 * components are taken as they are.
 *
 * @param modalities components of the same cells; rows of NaN where a cell lacks a modality
 * @param trust what each modality counts for as a whole: 1, or 0 for no say
 */
export async function jointComponents(
  modalities: readonly [Points, Points],
  trust: readonly [number, number],
  control?: RunControl,
): Promise<JointComponents> {
  const { count } = modalities[0];
  const alone = trust.findIndex((own, side) => own > 0 && trust[1 - side] === 0);
  if (alone >= 0 && finiteRows(modalities[alone]).length === count) {
    const weights = Float64Array.from({ length: 2 * count }, (_, i) => (i % 2 === alone ? 1 : 0));
    return {
      points: modalities[alone],
      weights,
      graph: null,
      method: `${modalities[alone].dimensions} components of one modality`,
    };
  }
  const near = await weightedNeighbours(modalities, { trust, ...control });
  const graph = pairsOf(near);
  return {
    points: spectralComponents(graph, Math.min(spectralDimensions, count - 1)),
    weights: near.weights,
    graph,
    method: `${spectralDimensions} spectral components of weighted nearest neighbours`,
  };
}

/**
 * Both side by side, each scaled to unit total variance. A cell that lacks a modality lies at its mean there.
 */
export function concatenatedComponents(modalities: readonly [Points, Points]): Points {
  const [first, second] = modalities.map(meanWhereMissing);
  return joined([first, 1], [second, 1]);
}

function meanWhereMissing({ values, count, dimensions }: Points): Points {
  const rows = finiteRows({ values, count, dimensions });
  if (rows.length === count) return { values, count, dimensions };
  const filled = Float64Array.from(values);
  const present = new Set(rows);
  for (let d = 0; d < dimensions; d++) {
    let mean = 0;
    for (const row of rows) mean += values[row * dimensions + d] / rows.length;
    for (let row = 0; row < count; row++) if (!present.has(row)) filled[row * dimensions + d] = mean;
  }
  return { values: filled, count, dimensions };
}
