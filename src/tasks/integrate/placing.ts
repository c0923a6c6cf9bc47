/** @file Neighbours, clusters and a map of the cells that an integration has a place for. */

import { exactNeighbours } from '../../analysis/engine-neighbours.ts';
import type { Grouping } from '../../analysis/groups.ts';
import { leiden } from '../../analysis/leiden.ts';
import { umapConnectivities, type WeightedGraph } from '../../analysis/neighbour-graph.ts';
import type { Neighbourhood } from '../../analysis/neighbourhood.ts';
import { firstNeighbours, type Neighbours } from '../../analysis/neighbours.ts';
import { finiteRows, type Points, pointsOf, takeRows } from '../../analysis/points.ts';
import { umap } from '../../analysis/umap.ts';
import type { Device } from '../../runtime/device.ts';
import type { DenseArray } from '../../single-cell/anndata.ts';
import { InputError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';

/** Where cells lie. */
export interface PlacedCells {
  /** Rows of the data that have a place, ascending. */
  readonly rows: Int32Array;
  /** UMAP; NaN for the others. */
  readonly layout: DenseArray; // [cells, 2]
  /** UMAP's connectivities, as scanpy makes them. */
  readonly graph: WeightedGraph; // [rows]
  /** Leiden clusters, named by size; -1 for the others. */
  readonly clusters: Grouping; // [cells]
}

/** Neighbours in the graph, the cell itself included, as scanpy counts: the map has as many without it. */
const graphNeighbours = 15;

/**
 * Finds each cell's neighbours once, for graph, clusters and map alike.
 *
 * @throws InputError when fewer than two cells have a place
 */
export async function placeCells(
  embedding: DenseArray, // [cells, dimensions]
  {
    device,
    resolution,
    seed,
  }: { readonly device: Device; readonly resolution: number; readonly seed: number },
  control: RunControl,
): Promise<PlacedCells> {
  const { cells, points, neighbours } = await neighbourhoodOn(device, embedding, control);
  const [count] = embedding.shape;
  if (neighbours === null) {
    throw new InputError({
      what: `${cells.length} of ${count} cells have an embedding`,
      expected: 'at least two, to be neighbours',
      reason: 'too_few_cells',
    });
  }
  const inGraph = Math.min(neighbours.k, graphNeighbours - 1);
  return placeNeighbours({ cells, points, neighbours }, count, { inGraph, resolution, seed }, control);
}

/**
 * Graph, clusters and map of cells whose neighbours are found.
 *
 * @param count cells with and without a place
 * @param inGraph the nearest neighbours that the graph has; the map has all
 */
export async function placeNeighbours(
  { cells, points, neighbours }: Neighbourhood & { readonly neighbours: Neighbours },
  count: number,
  {
    inGraph,
    resolution,
    seed,
  }: { readonly inGraph: number; readonly resolution: number; readonly seed: number },
  control: RunControl,
): Promise<PlacedCells> {
  const layout = await umap({ cells, points, neighbours }, count, control);
  const graph = umapConnectivities(firstNeighbours(neighbours, inGraph));
  const { codes } = leiden(graph, { resolution, seed });
  return { rows: cells, layout, graph, clusters: clustersOf(codes, cells, count) };
}

/** A map of another embedding, made in the same way. */
export async function layoutOf(
  embedding: DenseArray,
  device: Device,
  control: RunControl,
): Promise<DenseArray> {
  return umap(await neighbourhoodOn(device, embedding, control), embedding.shape[0], control);
}

/** The cells that have a place and their exact neighbours, by the engine. */
async function neighbourhoodOn(
  device: Device,
  embedding: DenseArray,
  control: RunControl,
): Promise<Neighbourhood> {
  const all = pointsOf(embedding);
  const cells = finiteRows(all);
  const points = takeRows(all, cells);
  const k = Math.min(graphNeighbours, cells.length - 1);
  const neighbours = k < 1 ? null : await exactNeighbours(device, points, points, k, 'euclidean', control);
  return { cells, points, neighbours };
}

/** Rows of some cells among rows of all; NaN for the others. */
export function amongAllCells(
  { values, dimensions }: Points, // [rows, dimensions]
  rows: Int32Array,
  cells: number,
): DenseArray {
  const all = new Float32Array(cells * dimensions).fill(Number.NaN);
  rows.forEach((row, place) => {
    all.set(values.subarray(place * dimensions, (place + 1) * dimensions), row * dimensions);
  });
  return { kind: 'dense', dtype: 'float32', shape: [cells, dimensions], values: all };
}

/** Clusters numbered by size, the largest first, as scanpy numbers them. */
function clustersOf(codes: Int32Array, rows: Int32Array, cells: number): Grouping {
  const sizes = new Map<number, number>();
  for (const code of codes) sizes.set(code, (sizes.get(code) ?? 0) + 1);
  const order = [...sizes.keys()].sort((a, b) => sizes.get(b)! - sizes.get(a)! || a - b);
  const place = new Map(order.map((code, i) => [code, i]));
  const all = new Int32Array(cells).fill(-1);
  rows.forEach((row, i) => {
    all[row] = place.get(codes[i])!;
  });
  return { name: 'scgpt_cluster', codes: all, groups: order.map((_, i) => String(i)) };
}
