/** @file A search in two steps: quickly found candidates, put in order by distances computed in full precision. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Neighbours } from '../neighbours.ts';
import { type Points, takeRows } from '../points.ts';
import { checkSearch } from './reference-index.ts';

/** Candidates beyond `k`, more than rounding could misplace. */
const spare = 16;

/** Finds rows of the reference that are near each query cell: `[query cells, width]`, -1 where there are fewer. */
export type CandidateSearch = (query: Points, width: number) => Promise<Int32Array>;

/** How query cells are gone through. */
export interface BlockSearch {
  /** Query cells that are searched at once. */
  readonly block: number;
  readonly candidates: CandidateSearch;
}

/**
 * The `k` nearest reference points of each query point.
 *
 * @throws UsageError, InputError see `ReferenceIndex.search`
 * @throws CancelledError when the signal is aborted
 */
export async function searchInBlocks(
  reference: Points,
  query: Points,
  k: number,
  { block, candidates }: BlockSearch,
  { onProgress, signal }: RunControl = {},
): Promise<Neighbours> {
  checkSearch(reference, query, k);
  const indices = new Int32Array(query.count * k);
  const distances = new Float64Array(query.count * k);
  const width = Math.min(reference.count, k + spare);
  for (let start = 0; start < query.count; start += block) {
    await breathe();
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while finding reference cells' });
    const end = Math.min(start + block, query.count);
    const cells = takeRows(
      query,
      Int32Array.from({ length: end - start }, (_, i) => start + i),
    );
    const found = nearestOf(reference, cells, await candidates(cells, width), k);
    indices.set(found.indices, start * k);
    distances.set(found.distances, start * k);
    onProgress?.({ stage: 'finding reference cells', done: end, total: query.count, unit: 'cells' });
  }
  return { count: query.count, k, indices, distances };
}

/** The nearest of the candidates; of all reference points for a cell with fewer candidates than neighbours. */
function nearestOf(reference: Points, query: Points, candidates: Int32Array, k: number): Neighbours {
  const { count } = query;
  const width = candidates.length / count;
  const indices = new Int32Array(count * k);
  const distances = new Float64Array(count * k);
  for (let cell = 0; cell < count; cell++) {
    const some = candidates.subarray(cell * width, (cell + 1) * width).filter((row) => row >= 0);
    const rows = some.length < k ? new Int32Array(reference.count).map((_, row) => row) : some;
    const sorted = Array.from(rows, (row) => ({
      row,
      squared: squaredDistance(reference, row, query, cell),
    }));
    sorted.sort((a, b) => a.squared - b.squared || a.row - b.row);
    for (let i = 0; i < k; i++) {
      indices[cell * k + i] = sorted[i].row;
      distances[cell * k + i] = Math.sqrt(sorted[i].squared);
    }
  }
  return { count, k, indices, distances };
}

function squaredDistance(reference: Points, row: number, query: Points, cell: number): number {
  const { dimensions } = reference;
  let sum = 0;
  for (let i = 0; i < dimensions; i++) {
    const delta = reference.values[row * dimensions + i] - query.values[cell * dimensions + i];
    sum += delta * delta;
  }
  return sum;
}
