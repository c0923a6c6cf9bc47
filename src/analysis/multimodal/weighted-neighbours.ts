/**
 * @file Neighbours by two modalities, each counting for every cell as much as it tells there: weighted nearest
 * neighbours.
 *
 * Hao et al. 2021, "Integrated analysis of multimodal single-cell data", Cell 184; numbers as Seurat's
 * `FindMultiModalNeighbors` with exact neighbours. Ours beside it: cells that lack a modality, and a weight of whole
 * modalities.
 */

import type { Device } from '../../runtime/device.ts';
import { UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { exactNeighbours } from '../engine-neighbours.ts';
import { type Neighbours, nearestNeighbours, unitLength } from '../neighbours.ts';
import { finiteRows, type Points, takeRows } from '../points.ts';
import { distanceBetween, kernel, type ModalityWidths, modalityWidths } from './modality-kernel.ts';

/** Neighbours that a cell's modalities are weighed by, the cell itself counted; Seurat's default. */
export const weighedNeighbours = 20;
/** Nearest cells of each modality that joint neighbours are chosen from, the cell itself counted; Seurat: 200. */
const candidates = 200;

/** How {@link weightedNeighbours} runs. */
export interface WeightedNeighbourOptions extends RunControl {
  /** Joint neighbours of a cell; fewer where a modality has fewer cells. Default 20. */
  readonly k?: number | undefined;
  /** Nearest cells of each modality to choose from, the cell itself counted. Default 200, Seurat's. */
  readonly candidates?: number | undefined;
  /** What each modality counts for as a whole, beside what it counts for in a cell. Default 1 and 1. */
  readonly trust?: readonly [number, number] | undefined;
  /** Finds candidates of many cells faster; they are the same. Default: without a device. */
  readonly device?: Device | undefined;
}

/** Joint neighbours, nearest first, without the cell itself. */
export interface WeightedNeighbours extends Neighbours {
  /** What each modality counts for in a cell; a modality that a cell lacks counts 0. */
  readonly weights: Float64Array; // [cells, 2]
}

/** A modality of the cells that have it. */
interface Modality {
  readonly points: Points; // [members, dimensions], unit length
  readonly members: Int32Array; // [members]
  /** Place among the members, -1 for cells without the modality. */
  readonly place: Int32Array; // [cells]
  readonly near: Neighbours; // [members, candidates - 1], members numbered by place
  readonly widths: ModalityWidths;
}

/**
 * Finds the cells most alike by both modalities. Cells that lack a modality (rows of NaN) are compared with others by
 * the one they have; two cells that share none are no neighbours.
 *
 * @param modalities embeddings of the same cells, such as components of RNA and of protein
 * @throws UsageError when they are not of the same cells, or fewer than three cells have a modality
 */
export async function weightedNeighbours(
  modalities: readonly [Points, Points],
  options: WeightedNeighbourOptions = {},
): Promise<WeightedNeighbours> {
  const { k = weighedNeighbours, trust = [1, 1], ...control } = options;
  const [first, second] = modalities;
  const { count } = first;
  if (second.count !== count) {
    throw new UsageError({
      what: `one modality has ${count} cells, the other ${second.count}`,
      expected: 'the same cells in the same order; rows of NaN where a cell lacks a modality',
      reason: 'cells_differ',
    });
  }
  const sides: [Modality, Modality] = [await modalityOf(first, control), await modalityOf(second, control)];
  const weights = cellWeights(sides, count, trust);
  const asked = Math.min(k, count - 1, ...sides.map(({ near }) => near.k));
  return { ...jointNeighbours(sides, weights, count, asked), weights };
}

async function modalityOf(
  points: Points,
  { candidates: wide = candidates, device, ...control }: WeightedNeighbourOptions,
): Promise<Modality> {
  const members = finiteRows(points);
  if (members.length < 3) {
    throw new UsageError({
      what: `${members.length} cells have the modality`,
      expected: 'at least three',
      reason: 'too_few_cells',
    });
  }
  const unit = unitLength(takeRows(points, members));
  const asked = Math.min(wide, members.length) - 1;
  const near =
    device === undefined
      ? await nearestNeighbours(unit, asked, 'euclidean', control)
      : await exactNeighbours(device, unit, unit, asked, 'euclidean', control);
  const place = new Int32Array(points.count).fill(-1);
  members.forEach((cell, i) => {
    place[cell] = i;
  });
  const few = Math.min(weighedNeighbours - 1, near.k);
  return { points: unit, members, place, near, widths: modalityWidths(unit, near, few) };
}

/**
 * What each modality counts for in a cell: how much better its neighbours by a modality predict that modality than its
 * neighbours by the other do.
 */
function cellWeights(
  sides: readonly [Modality, Modality],
  count: number,
  trust: readonly [number, number],
): Float64Array {
  const weights = new Float64Array(count * 2);
  for (let cell = 0; cell < count; cell++) {
    const has = sides.map(({ place }) => place[cell] >= 0);
    if (!has[0] || !has[1]) {
      weights[cell * 2] = has[0] ? 1 : 0;
      weights[cell * 2 + 1] = has[1] ? 1 : 0;
      continue;
    }
    const scores = [modalityScore(cell, sides[0], sides[1]), modalityScore(cell, sides[1], sides[0])];
    const most = Math.max(...scores);
    const shares = scores.map((score, side) => trust[side] * Math.exp(score - most));
    const total = shares[0] + shares[1];
    for (const side of [0, 1]) weights[cell * 2 + side] = total > 0 ? shares[side] / total : 0.5;
  }
  return weights;
}

/** Keep a ratio of kernels finite, as Seurat does. */
const crossConstant = 1e-4;
const mostScore = 200;

/** The kernel of a cell to what its neighbours by its own modality predict, over that by the other's neighbours. */
function modalityScore(cell: number, own: Modality, other: Modality): number {
  const place = own.place[cell];
  const distanceTo = (neighbours: readonly number[]): number => predictionDistance(own, place, neighbours);
  const within = distanceTo(nearestOf(own, cell, own));
  const cross = distanceTo(nearestOf(other, cell, own));
  const score = kernel(own.widths, place, within) / (kernel(own.widths, place, cross) + crossConstant);
  return Math.min(score, mostScore);
}

/** The nearest cells by a modality that have the other too, as places in the other. */
function nearestOf(by: Modality, cell: number, target: Modality): number[] {
  const { near, place, members } = by;
  const found: number[] = [];
  for (
    let i = place[cell] * near.k;
    found.length < weighedNeighbours - 1 && i < (place[cell] + 1) * near.k;
    i++
  ) {
    const there = target.place[members[near.indices[i]]];
    if (there >= 0) found.push(there);
  }
  return found;
}

function predictionDistance({ points }: Modality, place: number, neighbours: readonly number[]): number {
  const { values, dimensions } = points;
  if (neighbours.length === 0) return Number.POSITIVE_INFINITY;
  let square = 0;
  for (let d = 0; d < dimensions; d++) {
    let mean = 0;
    for (const other of neighbours) mean += values[other * dimensions + d];
    square += (values[place * dimensions + d] - mean / neighbours.length) ** 2;
  }
  return Math.sqrt(square);
}

function jointNeighbours(
  sides: readonly [Modality, Modality],
  weights: Float64Array,
  count: number,
  k: number,
): Neighbours {
  const indices = new Int32Array(count * k);
  const distances = new Float64Array(count * k);
  for (let cell = 0; cell < count; cell++) {
    const ranked = candidatesOf(sides, cell)
      .map((other) => ({ other, similarity: similarity(sides, weights, cell, other) }))
      .sort((a, b) => b.similarity - a.similarity || a.other - b.other);
    for (let i = 0; i < k; i++) {
      const { other, similarity } = ranked[i];
      indices[cell * k + i] = other;
      distances[cell * k + i] = Math.sqrt(Math.max(0, (1 - similarity) / 2));
    }
  }
  return { count, k, indices, distances };
}

function candidatesOf(sides: readonly Modality[], cell: number): number[] {
  const found = new Set<number>();
  for (const { place, near, members } of sides) {
    if (place[cell] < 0) continue;
    for (let i = place[cell] * near.k; i < (place[cell] + 1) * near.k; i++)
      found.add(members[near.indices[i]]);
  }
  return [...found];
}

/** The weighted mean of kernels over the modalities that both cells have. */
function similarity(sides: readonly Modality[], weights: Float64Array, cell: number, other: number): number {
  let sum = 0;
  let total = 0;
  for (const [side, { place, points, widths }] of sides.entries()) {
    if (place[cell] < 0 || place[other] < 0) continue;
    const weight = weights[cell * 2 + side];
    sum += weight * kernel(widths, place[cell], distanceBetween(points, place[cell], place[other]));
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}
