/** @file Exact nearest neighbours by matrix products on the engine, for many points. */

import { Graph } from '../graph/graph.ts';
import { cast } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { topK } from '../graph/ops/top-k.ts';
import type { Device } from '../runtime/device.ts';
import { breathe } from '../support/breathe.ts';
import { CancelledError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { checkReferences, nearestReferences } from './label-transfer.ts';
import { NearestSoFar } from './nearest-so-far.ts';
import {
  checkFinite,
  checkNeighbourCount,
  distancesBy,
  type Metric,
  type Neighbours,
  nearestNeighbours,
  placedFor,
} from './neighbours.ts';
import type { Points } from './points.ts';

/** Candidates beyond the `k` wanted: the farther the last of them, the surer that no nearer point is missing. */
const spare = 16;
/** Scores computed at once: 16 MB. */
const blockSize = 4 * 2 ** 20;
/** Up to so many pairs comparing all of them takes no longer. */
const fewPairs = 2000 * 2000;

/**
 * The `k` nearest reference points of every query point: what `nearestReferences` finds or, where reference and query
 * are one object, what `nearestNeighbours` finds, which leaves the point itself out.
 *
 * The device ranks the reference points in float32 and gives the best and some more; their distances are computed
 * again in float64 and put in order. Where rounding could hide a nearer point, the query point is compared with all
 * others instead, so that the result is exact and the same on every device.
 *
 * @param metric distances by `cosine` are 1 minus the cosine of the angle. Default Euclidean
 * @returns indices are rows of the reference
 * @throws UsageError when `k` is not between 1 and the number of reference points that can be found, or dimensions differ
 * @throws InputError when a point has an entry that is no finite number, or no direction for `cosine`
 * @throws DeviceError when the device fails
 * @throws CancelledError when the signal is aborted
 */
export async function exactNeighbours(
  device: Device,
  reference: Points,
  query: Points,
  k: number,
  metric: Metric = 'euclidean',
  control: RunControl = {},
): Promise<Neighbours> {
  const self = reference === query;
  if (query.count * reference.count <= fewPairs) {
    return self
      ? nearestNeighbours(reference, k, metric, control)
      : nearestReferences(reference, query, k, control, metric);
  }
  if (self) checkNeighbourCount(reference, k);
  else checkReferences(reference, query, k);
  for (const points of self ? [reference] : [reference, query]) checkFinite(points);
  const placed = placedFor(reference, metric);
  const asked = self ? placed : placedFor(query, metric);
  const { indices, squared } = await searchOnDevice(device, placed, asked, k, control);
  return { count: query.count, k, indices, distances: distancesBy(metric, squared) };
}

/**
 * The search on the device, whatever the number of points, by Euclidean distance.
 *
 * @param query `reference` itself to leave each point out of its own neighbours
 */
export async function searchOnDevice(
  device: Device,
  reference: Points,
  query: Points,
  k: number,
  { onProgress, signal }: RunControl = {},
): Promise<NearestSoFar> {
  const { count, dimensions } = reference;
  const frame = frameOf(reference, query);
  const references = ranked(reference, 0, count, frame, (square) => -square / 2);
  const width = Math.min(count, k + spare + (query === reference ? 1 : 0));
  const executable = await device.load(
    candidateGraph(count, dimensions, width),
    new Map([['reference', { dtype: 'float32', shape: [count, dimensions + 1], data: references.rows }]]),
  );
  const longest = Math.sqrt(largest(references.squares));
  const rounding = roundingOf(device, dimensions);
  const nearest = new NearestSoFar(query.count, k, count);
  const block = Math.max(1, Math.floor(blockSize / count));
  try {
    for (let start = 0; start < query.count; start += block) {
      const end = Math.min(start + block, query.count);
      const { rows, squares } = ranked(query, start, end, frame, () => 1);
      const found = await executable.run({
        query: { dtype: 'float32', shape: [end - start, dimensions + 1], data: rows },
      });
      const candidates = found.candidates.data as Int32Array; // [queries, width]
      const scores = found.scores.data as Float32Array; // [queries, width]
      squares.forEach((square, i) => {
        const row = start + i;
        const own = candidates.subarray(i * width, (i + 1) * width);
        offer(nearest, reference, query, row, own);
        const error = rounding * longest * (Math.sqrt(square) + longest / 2);
        const ofOthers = square - 2 * (scores[(i + 1) * width - 1] + error); // squared, the least it can be
        const farthest = nearest.squared[(row + 1) * k - 1] * frame.scale ** 2;
        const certain = width === count || farthest < ofOthers;
        if (!certain) offer(nearest, reference, query, row, allBut(own, count));
      });
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while finding neighbours' });
      onProgress?.({ stage: 'finding neighbours', done: end, total: query.count, unit: 'cells' });
      await breathe();
    }
  } finally {
    await executable.dispose();
  }
  return nearest;
}

/**
 * The best reference points of each query point by q r - r² / 2, which falls as the distance grows. The last column
 * of references has the second term, that of queries ones.
 */
function candidateGraph(count: number, dimensions: number, width: number): Graph {
  const graph = new Graph();
  const query = graph.input('query', 'float32', ['queries', dimensions + 1]);
  const reference = graph.parameter('reference', [count, dimensions + 1]);
  const { values, indices } = topK(matmul(query, reference, { transposeRight: true }), width);
  graph.output('scores', values);
  graph.output('candidates', cast(indices, 'int32'));
  return graph;
}

/** Where float32 sees points from: the references' mean is 0, and none is farther from it than 1. */
interface Frame {
  readonly centre: Float64Array; // [dimensions]
  readonly scale: number;
}

function frameOf(reference: Points, query: Points): Frame {
  const { values, count, dimensions } = reference;
  const centre = new Float64Array(dimensions);
  for (let i = 0; i < values.length; i++) centre[i % dimensions] += values[i] / count;
  const unscaled = { centre, scale: 1 };
  const squares = [reference, query].map((points) =>
    largest(ranked(points, 0, points.count, unscaled, () => 0).squares),
  );
  const farthest = Math.sqrt(Math.max(...squares));
  return { centre, scale: farthest === 0 ? 1 : 1 / farthest };
}

function largest(squares: Float64Array): number {
  return squares.reduce((most, square) => Math.max(most, square), 0);
}

/**
 * Some of the points in a frame, with one column more.
 *
 * @param last the column's entry, from the squared distance to the centre
 */
function ranked(
  { values, dimensions }: Points,
  start: number,
  end: number,
  { centre, scale }: Frame,
  last: (square: number) => number,
): { readonly rows: Float32Array; readonly squares: Float64Array } {
  const rows = new Float32Array((end - start) * (dimensions + 1));
  const squares = Float64Array.from({ length: end - start }, (_, i) => {
    const from = (start + i) * dimensions;
    const to = i * (dimensions + 1);
    let square = 0;
    for (let axis = 0; axis < dimensions; axis++) {
      const value = (values[from + axis] - centre[axis]) * scale;
      rows[to + axis] = value;
      square += value * value;
    }
    rows[to + dimensions] = last(square);
    return square;
  });
  return { rows, squares };
}

/**
 * How far a score can be off, as a share of |r| (|q| + |r| / 2): of its inputs, its products and their sum in any
 * order (Higham 2002, section 3.1). CUDA rounds the factors of products to 11 bits.
 */
function roundingOf({ name }: Device, dimensions: number): number {
  return (dimensions + 8) * (name === 'cuda' ? 2 ** -11 : 2 ** -24);
}

/** Puts reference points into the list of a query point, with their distances in full precision. */
function offer(
  nearest: NearestSoFar,
  reference: Points,
  query: Points,
  row: number,
  candidates: Int32Array,
): void {
  const { dimensions } = query;
  for (const candidate of candidates) {
    if (reference === query && candidate === row) continue;
    let square = 0;
    for (let i = 0; i < dimensions; i++) {
      const delta = query.values[row * dimensions + i] - reference.values[candidate * dimensions + i];
      square += delta * delta;
    }
    nearest.offer(row, candidate, square);
  }
}

function allBut(rows: Int32Array, count: number): Int32Array {
  const known = new Set(rows);
  return Int32Array.from({ length: count }, (_, row) => row).filter((row) => !known.has(row));
}
