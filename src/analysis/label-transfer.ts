/** @file Labels for query cells from the nearest cells of a labelled reference. */

import { UsageError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { eachCrossTile, tileSize } from './distances.ts';
import type { Grouping } from './groups.ts';
import { NearestSoFar } from './nearest-so-far.ts';
import { checkFinite, distancesBy, type Metric, type Neighbours, placedFor } from './neighbours.ts';
import type { Points } from './points.ts';

/**
 * Finds the `k` reference points nearest to every query point by comparing all pairs; equally near points come in the
 * order of their rows.
 *
 * @param metric Default Euclidean
 * @returns indices are rows of the reference
 * @throws UsageError when `k` is not between 1 and the number of reference points, or dimensions differ
 * @throws InputError when a point has an entry that is no finite number, or no direction for `cosine`
 */
export async function nearestReferences(
  reference: Points,
  query: Points,
  k: number,
  control?: RunControl,
  metric: Metric = 'euclidean',
): Promise<Neighbours> {
  checkReferences(reference, query, k);
  checkFinite(reference);
  checkFinite(query);
  const nearest = new NearestSoFar(query.count, k, reference.count);
  await eachCrossTile(
    placedFor(query, metric),
    placedFor(reference, metric),
    'finding reference cells',
    ({ rowStart, rowEnd, columnStart, columnEnd, squared }) => {
      for (let row = rowStart; row < rowEnd; row++) {
        const start = (row - rowStart) * tileSize - columnStart;
        for (let column = columnStart; column < columnEnd; column++) {
          nearest.offer(row, column, squared[start + column]);
        }
      }
    },
    control,
  );
  return { count: query.count, k, indices: nearest.indices, distances: distancesBy(metric, nearest.squared) };
}

/**
 * Gives each query cell the label that most of its `k` nearest reference cells have; of equally frequent labels the
 * first, as scikit-learn's `KNeighborsClassifier` does.
 *
 * @param labels of the reference's cells; those without a label have no vote
 * @param k Default 15, as customary in the field
 * @returns code of each query cell's label, -1 when none of its neighbours has one
 * @throws UsageError see {@link nearestReferences}
 * @throws InputError see {@link nearestReferences}
 */
export async function transferLabels(
  reference: Points,
  labels: Grouping,
  query: Points,
  k = 15,
  control?: RunControl,
): Promise<Int32Array> {
  const { indices } = await nearestReferences(reference, query, k, control);
  const votes = new Int32Array(labels.groups.length);
  return Int32Array.from({ length: query.count }, (_, cell) => {
    votes.fill(0);
    for (let i = cell * k; i < (cell + 1) * k; i++) {
      if (labels.codes[indices[i]] >= 0) votes[labels.codes[indices[i]]]++;
    }
    const most = Math.max(...votes);
    return most === 0 ? -1 : votes.indexOf(most);
  });
}

/** @throws UsageError when `k` is not between 1 and the number of reference points, or dimensions differ */
export function checkReferences(reference: Points, query: Points, k: number): void {
  if (!Number.isInteger(k) || k < 1 || k > reference.count) {
    throw new UsageError({
      what: `the number of neighbours is ${k}`,
      where: `${reference.count} reference cells`,
      expected: 'a whole number of at least 1, at most the number of reference cells',
      reason: 'neighbour_count',
    });
  }
  if (reference.dimensions === query.dimensions) return;
  throw new UsageError({
    what: `the reference has ${reference.dimensions} dimensions, the query ${query.dimensions}`,
    expected: 'two embeddings by one model',
    reason: 'dimensions',
  });
}
