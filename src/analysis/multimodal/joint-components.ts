/** @file One set of coordinates and neighbours for cells with two modalities. */

import type { Device } from '../../runtime/device.ts';
import type { RunControl } from '../../support/progress.ts';
import { exactNeighbours } from '../engine-neighbours.ts';
import { joined } from '../integration/joined.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';
import { type Neighbours, nearestNeighbours } from '../neighbours.ts';
import { finiteRows, type Points, takeRows } from '../points.ts';
import { amongAll, meanWhereMissing } from './missing-rows.ts';
import { type SpectralOptions, spectralComponents } from './spectral.ts';
import { weightedNeighbours } from './weighted-neighbours.ts';

/** Joint coordinates and neighbours. */
export interface JointComponents {
  /** Rows of NaN for cells that lack both modalities. */
  readonly points: Points; // [cells, dimensions]
  /** What each modality counts for in each cell; 0 and 0 for those that lack both. */
  readonly weights: Float64Array; // [cells, 2]
  /** The cells that have a place, ascending. */
  readonly rows: Int32Array;
  /** Neighbours by both modalities, or by the one that has a say. */
  readonly neighbours: Neighbours; // [rows]
  /** Whether neighbours are by both modalities. */
  readonly weighted: boolean;
  readonly method: string;
}

/** How {@link jointComponents} runs. */
export interface JointComponentsOptions extends RunControl, Pick<SpectralOptions, 'steps'> {
  /** Finds neighbours of many cells faster; they are the same. Default: without a device. */
  readonly device?: Device | undefined;
}

/** Neighbours by one modality. */
const neighbourCount = 15;

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
 * Weighted nearest neighbours and coordinates of their graph. Where one modality alone is trusted and every cell has
 * it, its own components and neighbours are taken.
 *
 * @param modalities components of the same cells; rows of NaN where a cell lacks a modality
 * @param trust what each modality counts for as a whole: 1, or 0 for no say
 * @throws UsageError when fewer than three cells have a modality that takes part
 */
export async function jointComponents(
  modalities: readonly [Points, Points],
  trust: readonly [number, number],
  { device, steps, ...control }: JointComponentsOptions = {},
): Promise<JointComponents> {
  const { count } = modalities[0];
  const rows = rowsOfEither(modalities);
  const present = [takeRows(modalities[0], rows), takeRows(modalities[1], rows)] as const;
  const alone = trust.findIndex((own, side) => own > 0 && trust[1 - side] === 0);
  if (alone >= 0 && finiteRows(present[alone]).length === rows.length) {
    const own = present[alone];
    const k = Math.min(neighbourCount, rows.length - 1);
    const neighbours =
      device === undefined
        ? await nearestNeighbours(own, k, 'euclidean', control)
        : await exactNeighbours(device, own, own, k, 'euclidean', control);
    const weights = new Float64Array(2 * count);
    for (const row of rows) weights[2 * row + alone] = 1;
    const method = `${own.dimensions} components of one modality`;
    return { points: amongAll(own, rows, count), weights, rows, neighbours, weighted: false, method };
  }
  const near = await weightedNeighbours(present, { trust, device, ...control });
  const weights = new Float64Array(2 * count);
  rows.forEach((row, place) => {
    weights.set(near.weights.subarray(2 * place, 2 * place + 2), 2 * row);
  });
  const points = spectralComponents(pairsOf(near), { steps });
  return {
    points: amongAll(points, rows, count),
    weights,
    rows,
    neighbours: near,
    weighted: true,
    method: `${points.dimensions} spectral components of weighted nearest neighbours`,
  };
}

/**
 * Each modality with an embedding of the same cells beside it, so that neighbours are by both.
 *
 * @param embedding a cell with rows of NaN lies at its mean there
 * @param weight the embedding's root of total variance, the modality's being 1; 0 leaves modalities as they are
 */
export function besideEmbedding(
  modalities: readonly [Points, Points],
  embedding: Points,
  weight: number,
): readonly [Points, Points] {
  if (weight === 0) return modalities;
  const filled = meanWhereMissing(embedding);
  const beside = (modality: Points): Points => {
    const rows = finiteRows(modality);
    const both = joined([takeRows(modality, rows), 1], [takeRows(filled, rows), weight]);
    return amongAll(both, rows, modality.count);
  };
  return [beside(modalities[0]), beside(modalities[1])];
}

/**
 * Both side by side, each scaled to unit total variance. A cell that lacks a modality lies at its mean there.
 */
export function concatenatedComponents(modalities: readonly [Points, Points]): Points {
  const [first, second] = modalities.map(meanWhereMissing);
  return joined([first, 1], [second, 1]);
}

function rowsOfEither(modalities: readonly Points[]): Int32Array {
  const has = new Set(modalities.flatMap((points) => [...finiteRows(points)]));
  return Int32Array.from(has).sort();
}
