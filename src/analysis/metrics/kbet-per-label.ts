/** @file kBET within each label, so that labels of different batches are not taken for a batch effect. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { cellsOf, checkGrouped, type Grouping } from '../groups.ts';
import type { WeightedGraph } from '../neighbour-graph.ts';
import { type Neighbours, nearestNeighbours } from '../neighbours.ts';
import { connectedParts } from './connectivity.ts';
import { diffusionCoordinates } from './diffusion.ts';
import { kBet } from './kbet.ts';

/** Labels of fewer cells are skipped. */
const fewestCells = 10;
/** Where the parts that are large enough hold less of a label, it scores 0. */
const leastShare = 0.75;

/** What {@link kBetPerLabel} gives. */
export interface KBetPerLabel {
  /** Mean over the labels that are tested; NaN when none is. */
  readonly score: number;
  /** Acceptance of each label, 0 .. 1; NaN for those with fewer than 10 cells or a single batch. */
  readonly labels: Float64Array; // [labels]
}

/**
 * kBET of each label by itself as in scib-metrics: among the cells of a label, a quarter of its mean batch, 10 to 70,
 * are a cell's neighbours, the nearest in diffusion space, where cells are as far apart as the graph leads from one
 * to the other. Of a label that falls into parts, those of three times as many cells count; it scores 0 where they
 * hold less than 75 % of it.
 *
 * scib-metrics searches for the neighbours approximately and sees all parts of a label in one space, where the
 * distances within parts are lost among those between them. Here the search is exact and each part has a space of
 * its own: labels of one part agree but for the odd neighbour.
 *
 * @param graph of 50 neighbours, the cell counted, as scib-metrics takes
 * @throws InputError when a cell lacks a batch or a label, or groupings are of other cells
 * @throws CancelledError when the signal is aborted
 */
export async function kBetPerLabel(
  graph: WeightedGraph,
  batch: Grouping,
  labels: Grouping,
  { onProgress, signal }: RunControl = {},
): Promise<KBetPerLabel> {
  checkGrouped(graph.count, batch);
  checkGrouped(graph.count, labels);
  const parts = labels.groups.map((): Int32Array[] => []);
  for (const { label, cells } of connectedParts(graph, labels))
    parts[label].push(Int32Array.from(cells).sort());
  const scores = new Float64Array(labels.groups.length);
  for (const label of labels.groups.keys()) {
    scores[label] = await acceptanceOf(graph, batch, cellsOf(labels, label), parts[label]);
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while testing batches' });
    onProgress?.({ stage: 'testing batches', done: label + 1, total: scores.length, unit: 'labels' });
    await breathe();
  }
  const tested = scores.filter((score) => !Number.isNaN(score));
  return { score: tested.reduce((sum, score) => sum + score, 0) / tested.length, labels: scores };
}

/** @param parts the connected parts that the label's `cells` fall into */
async function acceptanceOf(
  graph: WeightedGraph,
  batch: Grouping,
  cells: Int32Array,
  parts: readonly Int32Array[],
): Promise<number> {
  const batches = new Set(cells.map((cell) => batch.codes[cell])).size;
  if (cells.length < fewestCells || batches < 2) return Number.NaN;
  const k = Math.min(70, Math.max(10, Math.floor(cells.length / batches / 4)));
  const large = parts.length === 1 ? parts : parts.filter((part) => part.length >= 3 * k);
  const used = large.reduce((sum, part) => sum + part.length, 0);
  if (used / cells.length < leastShare) return 0;
  const neighbours: Neighbours[] = [];
  for (const part of large) {
    const coordinates = diffusionCoordinates(subgraph(graph, part));
    neighbours.push(await nearestNeighbours(coordinates, Math.min(k, part.length - 1)));
  }
  const codes = Int32Array.from(large.flatMap((part) => Array.from(part, (cell) => batch.codes[cell])));
  const { acceptance } = kBet(together(neighbours), { ...batch, codes });
  return Number.isNaN(acceptance) ? 0 : acceptance; // the parts that count are of one batch: as unmixed as can be
}

/** The edges between some of a graph's points, which are numbered by their places among `points`, ascending. */
function subgraph({ count, indptr, indices, weights }: WeightedGraph, points: Int32Array): WeightedGraph {
  const place = new Int32Array(count).fill(-1);
  points.forEach((point, i) => {
    place[point] = i;
  });
  const starts = new Int32Array(points.length + 1);
  const ends: number[] = [];
  const kept: number[] = [];
  points.forEach((point, i) => {
    for (let edge = indptr[point]; edge < indptr[point + 1]; edge++) {
      if (place[indices[edge]] < 0) continue;
      ends.push(place[indices[edge]]);
      kept.push(weights[edge]);
    }
    starts[i + 1] = ends.length;
  });
  return {
    count: points.length,
    indptr: starts,
    indices: Int32Array.from(ends),
    weights: Float64Array.from(kept),
  };
}

/** Neighbours within several sets of points, one set after the other. */
function together(sets: readonly Neighbours[]): Neighbours {
  const { k } = sets[0];
  const count = sets.reduce((sum, set) => sum + set.count, 0);
  const indices = new Int32Array(count * k);
  const distances = new Float64Array(count * k);
  let first = 0;
  for (const set of sets) {
    indices.set(
      set.indices.map((index) => index + first),
      first * k,
    );
    distances.set(set.distances, first * k);
    first += set.count;
  }
  return { count, k, indices, distances };
}
