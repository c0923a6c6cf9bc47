/** @file The exact index: every query cell is compared with every reference cell, nothing is prepared. */

import { openDevice } from '../../runtime/device.ts';
import { exactNeighbours } from '../engine-neighbours.ts';
import type { Points } from '../points.ts';
import type { ReferenceIndex, ReferenceIndexOptions } from './reference-index.ts';

/** See `buildReferenceIndex`. */
export async function exactIndex(points: Points, options: ReferenceIndexOptions): Promise<ReferenceIndex> {
  const device = await openDevice(options);
  return {
    method: 'exact',
    points,
    search: (query, k, control) => exactNeighbours(device, points, query, k, 'euclidean', control),
    save: async () => null,
  };
}
