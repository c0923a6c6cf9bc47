/** @file An index over the cells of a reference that finds those nearest to query cells. */

import type { DeviceOptions } from '../../runtime/device.ts';
import { InputError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { checkFinite, type Neighbours } from '../neighbours.ts';
import type { Points } from '../points.ts';

/** How neighbours are found: by comparing with every reference cell, or by a graph that misses a few. */
export type SearchMethod = 'exact' | 'approximate';

/** A reference that is ready to be searched. */
export interface ReferenceIndex {
  readonly method: SearchMethod;
  readonly points: Points; // [reference cells, dimensions]
  /**
   * The `k` reference points nearest to each query point by Euclidean distance, nearest first, equally near ones by
   * row; distances are computed in float64.
   *
   * @throws UsageError when `k` is not between 1 and the number of reference points, or dimensions differ
   * @throws InputError when a point has an entry that is no finite number
   */
  search(query: Points, k: number, control?: RunControl): Promise<Neighbours>;
  /**
   * Keeps what took time to build, in a file beside that of the saved reference; the exact index has nothing to keep.
   *
   * @returns the file, null for none
   * @throws OutputError when it cannot be written
   */
  save(reference: string): Promise<string | null>;
}

/** How {@link buildReferenceIndex} builds. */
export interface ReferenceIndexOptions extends DeviceOptions, RunControl {
  /** Default `auto`: exact up to `exactUpTo` reference cells. */
  readonly method?: SearchMethod | 'auto' | undefined;
  /** Default 200,000: 10,000 query cells of width 512 then take about half a minute on two processors. */
  readonly exactUpTo?: number | undefined;
  /** The file of a saved reference: what an approximate index has kept beside it is read in the place of building it. */
  readonly saved?: string | undefined;
}

/** The most reference cells that `auto` compares every query cell with. */
export const exactUpTo = 200_000;

/**
 * Makes a reference ready to be searched. Comparing all pairs needs no preparation; the approximate index, a
 * hierarchical navigable small world (Malkov & Yashunin 2018) by the optional package `usearch`, is built by one
 * thread, so that the same points always give the same graph.
 *
 * @throws InputError when there is no point, or one has an entry that is no finite number
 * @throws UsageError when the approximate index is wanted and its package is not installed
 */
export async function buildReferenceIndex(
  points: Points,
  options: ReferenceIndexOptions = {},
): Promise<ReferenceIndex> {
  if (points.count === 0) {
    throw new InputError({
      what: 'the reference has no cell with an embedding',
      expected: 'at least one',
      reason: 'no_cells',
    });
  }
  checkFinite(points);
  const { method = 'auto' } = options;
  const approximate =
    method === 'approximate' || (method === 'auto' && points.count > (options.exactUpTo ?? exactUpTo));
  if (approximate) return (await import('./approximate.ts')).approximateIndex(points, options);
  return (await import('./exact.ts')).exactIndex(points, options);
}

/**
 * Neighbours of points of the reference itself, each without itself: as if it had been held out.
 *
 * @param found the `k + 1` nearest of each
 * @param rows the reference's row of each point
 * @returns the `k` nearest others
 */
export function withoutSelf({ count, k, indices, distances }: Neighbours, rows: Int32Array): Neighbours {
  const others = {
    count,
    k: k - 1,
    indices: new Int32Array(count * (k - 1)),
    distances: new Float64Array(count * (k - 1)),
  };
  for (let point = 0; point < count; point++) {
    const list = indices.subarray(point * k, (point + 1) * k);
    const self = list.indexOf(rows[point]);
    const dropped = self < 0 ? k - 1 : self; // many equal points may crowd it out
    for (let i = 0, place = point * (k - 1); i < k; i++) {
      if (i === dropped) continue;
      others.indices[place] = list[i];
      others.distances[place++] = distances[point * k + i];
    }
  }
  return others;
}
