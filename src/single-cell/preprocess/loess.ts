/** @file Local regression: a smooth curve through points, as Seurat's and scanpy's variance trend uses it. */

import { InputError } from '../../support/errors.ts';
import { type Line, weightedLine } from './local-fit.ts';

/** The share of a fit's points that a cell of the tree may hold without being split. */
const cellShare = 0.2;

/** A fitted curve. */
export interface LoessFit {
  /** The curve at each x given. */
  readonly fitted: Float64Array;
  /** Where local fits were made, ascending. */
  readonly vertices: Float64Array;
  /** The curve at the vertices. */
  readonly values: Float64Array;
  /** Its slopes there. */
  readonly slopes: Float64Array;
}

/**
 * Loess of degree 2 (Cleveland & Grosse 1991, "Computational methods for local regression"): quadratic fits at the
 * vertices of a k-d tree over x, and cubic Hermite interpolation between them. The interpolation is part of the
 * method: fits at every x instead differ by up to 0.04 in log10 variance and choose other genes.
 *
 * @param x in any order
 * @param span the share of all points that takes part in each local fit
 * @throws InputError when a local fit is not determined because too many points share one x
 */
export function loess(x: Float64Array, y: Float64Array, span = 0.3): LoessFit {
  const count = x.length;
  const nearest = Math.min(count, Math.floor(span * count + 1e-5));
  if (nearest < 3) {
    throw new InputError({
      what: `there are ${count} points, too few for a local regression on ${span} of them`,
      where: 'loess',
      expected: `at least ${Math.ceil(3 / span)}`,
      reason: 'too_few_points',
    });
  }
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => x[a] - x[b] || a - b);
  const sortedX = Float64Array.from(order, (i) => x[i]);
  const sortedY = Float64Array.from(order, (i) => y[i]);
  const vertices = treeVertices(sortedX, Math.floor(count * span * cellShare));
  const lines = Array.from(vertices, (vertex) => localFit(sortedX, sortedY, vertex, nearest));
  const fit = {
    vertices,
    values: Float64Array.from(lines, (line) => line.value),
    slopes: Float64Array.from(lines, (line) => line.slope),
  };
  return { ...fit, fitted: x.map((at) => interpolate(fit, at)) };
}

/** The ends of the box around all points, and every cut of the k-d tree. */
function treeVertices(x: Float64Array, leafSize: number): Float64Array {
  const smallest = x[0];
  const largest = x[x.length - 1];
  const size = Math.max(Math.abs(smallest), Math.abs(largest));
  const margin = 0.005 * Math.max(largest - smallest, 1e-10 * size + 1e-30);
  const vertices = [smallest - margin, largest + margin];

  const split = (first: number, last: number, low: number, high: number): void => {
    if (last - first + 1 <= leafSize) return;
    const middle = cutPlace(x, first, last);
    const cut = x[middle];
    if (cut === low || cut === high) return;
    vertices.push(cut);
    split(first, middle, low, cut);
    split(middle + 1, last, cut, high);
  };
  split(0, x.length - 1, vertices[0], vertices[1]);
  return Float64Array.from(vertices).sort();
}

/** The last place of the left part: the middle, or the nearest place to it where x changes. */
function cutPlace(x: Float64Array, first: number, last: number): number {
  const middle = Math.floor((first + last + 2) / 2) - 1; // counted from 1, as the method is written
  for (let step = 0; ; step++) {
    const place = middle + (step % 2 === 1 ? (step + 1) / 2 : -step / 2); // middle, +1, -1, +2, -2 ...
    if (place >= last || place < first) return middle;
    if (x[place] !== x[place + 1]) return place;
  }
}

/** The quadratic through the nearest points, weighted by distance: its value and slope at `vertex`. */
function localFit(x: Float64Array, y: Float64Array, vertex: number, nearest: number): Line {
  const first = nearestWindow(x, vertex, nearest);
  const radius = Math.max(vertex - x[first], x[first + nearest - 1] - vertex);
  const line = weightedLine(x, y, vertex, radius);
  if (line !== null) return line;
  throw new InputError({
    what: `the local regression is near-singular at ${vertex.toPrecision(6)}: too many points share one x there`,
    where: 'loess',
    expected: `more distinct values of x among the nearest ${nearest} of ${x.length} points`,
    reason: 'near_singular',
  });
}

/** Where the window of the `count` points nearest to `at` begins. */
function nearestWindow(x: Float64Array, at: number, count: number): number {
  let low = 0;
  let high = x.length - count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at - x[middle] > x[middle + count] - at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Cubic Hermite interpolation between the vertices around `at`. */
function interpolate(fit: Omit<LoessFit, 'fitted'>, at: number): number {
  const { vertices, values, slopes } = fit;
  let low = 0;
  let high = vertices.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (vertices[middle] <= at) low = middle;
    else high = middle;
  }
  const width = vertices[high] - vertices[low];
  const t = (at - vertices[low]) / width;
  const s = 1 - t;
  return (
    s * s * (1 + 2 * t) * values[low] +
    t * t * (1 + 2 * s) * values[high] +
    s * t * (s * slopes[low] - t * slopes[high]) * width
  );
}
