/** @file Takes out of each cell what sets its batch apart in the clusters that it belongs to. */

import { type Grouping, groupSizes } from '../groups.ts';
import type { HarmonySettings } from './editions.ts';
import type { SoftClusters } from './soft-clusters.ts';

/** The penalty of a batch's shift in edition 1. */
const lambda = 1;
/** In edition 2 the penalty is this share of the cells that were expected. */
const expectedShare = 0.2;
/** In edition 2 a batch with less than this share of its cells in a cluster is left out there. */
const leastShare = 1e-5;

/**
 * In each cluster, regresses cells' places on their batches, weighted by membership: an intercept and one shift a
 * batch, shifts penalised (ridge). Every cell then moves by its batch's shifts, weighted by its memberships. As no cell
 * has two batches the normal equations are solved in closed form. Edition 2 makes the intercepts its new centroids.
 *
 * @param original places before any correction, `[cells, dimensions]`
 * @returns corrected places
 */
export function correctBatches(
  original: Float64Array,
  batch: Grouping,
  clusters: SoftClusters,
  settings: HarmonySettings,
): Float64Array {
  const dimensions = original.length / batch.codes.length;
  const sums = weightedSums(original, batch, clusters);
  const sizes = groupSizes(batch.codes, batch.groups.length);
  const shifts = new Float64Array(sums.length); // [batches, clusters, dimensions]
  for (let cluster = 0; cluster < clusters.count; cluster++) {
    const at = (code: number) => code * clusters.count + cluster;
    const kept = [...sizes.keys()].filter(
      (code) => settings.edition === 1 || clusters.observed[at(code)] / sizes[code] > leastShare,
    );
    if (kept.length < 2) continue; // nothing to set a batch apart from
    const penalty = kept.map((code) =>
      settings.edition === 1 ? lambda : expectedShare * clusters.expected[at(code)],
    );
    const intercept = regress(
      kept.map((code) => clusters.observed[at(code)]),
      penalty,
      kept.map((code) => sums.subarray(at(code) * dimensions, (at(code) + 1) * dimensions)),
      kept.map((code) => shifts.subarray(at(code) * dimensions, (at(code) + 1) * dimensions)),
    );
    if (settings.edition === 2) clusters.place(cluster, intercept);
  }
  return shifted(original, batch, clusters, shifts);
}

/** Places summed over the cells of each batch and cluster, `[batches, clusters, dimensions]`. */
function weightedSums(
  original: Float64Array,
  batch: Grouping,
  { count, memberships }: SoftClusters,
): Float64Array {
  const dimensions = original.length / batch.codes.length;
  const sums = new Float64Array(batch.groups.length * count * dimensions);
  for (let cell = 0; cell < batch.codes.length; cell++) {
    const row = cell * dimensions;
    let place = batch.codes[cell] * count * dimensions;
    for (let cluster = 0; cluster < count; cluster++) {
      const membership = memberships[cell * count + cluster];
      for (let i = 0; i < dimensions; i++) sums[place++] += membership * original[row + i];
    }
  }
  return sums;
}

/**
 * Solves one cluster's regression. With o cells, penalty p and sum r of a batch, the intercept is
 * sum(p r / (o + p)) / sum(p o / (o + p)) and the batch's shift (r - o intercept) / (o + p).
 *
 * @param shifts are written
 * @returns the intercept
 */
function regress(
  observed: readonly number[],
  penalty: readonly number[],
  sums: readonly Float64Array[],
  shifts: readonly Float64Array[],
): Float64Array {
  const intercept = new Float64Array(sums[0].length);
  let weight = 0;
  observed.forEach((cells, batch) => {
    const share = penalty[batch] / (cells + penalty[batch]);
    weight += share * cells;
    for (let i = 0; i < intercept.length; i++) intercept[i] += share * sums[batch][i];
  });
  for (let i = 0; i < intercept.length; i++) intercept[i] /= weight;
  observed.forEach((cells, batch) => {
    const divisor = cells + penalty[batch];
    for (let i = 0; i < intercept.length; i++)
      shifts[batch][i] = (sums[batch][i] - cells * intercept[i]) / divisor;
  });
  return intercept;
}

function shifted(
  original: Float64Array,
  batch: Grouping,
  { count, memberships }: SoftClusters,
  shifts: Float64Array,
): Float64Array {
  const dimensions = original.length / batch.codes.length;
  const corrected = original.slice();
  for (let cell = 0; cell < batch.codes.length; cell++) {
    const row = cell * dimensions;
    let place = batch.codes[cell] * count * dimensions;
    for (let cluster = 0; cluster < count; cluster++) {
      const membership = memberships[cell * count + cluster];
      for (let i = 0; i < dimensions; i++) corrected[row + i] -= membership * shifts[place++];
    }
  }
  return corrected;
}
