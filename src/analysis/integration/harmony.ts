/** @file Harmony: moves cells of different batches together within soft clusters of an embedding. */

import { UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { checkGrouped, type Grouping } from '../groups.ts';
import { harmonyDefaults } from '../harmony/editions.ts';
import { firstCentroids } from '../harmony/first-centroids.ts';
import { harmonise } from '../harmony/harmonise.ts';
import { scaleToUnit } from '../harmony/soft-clusters.ts';
import { checkFinite } from '../neighbours.ts';
import type { Points } from '../points.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { plainPca, scaledPca } from './principal-components.ts';

/** How {@link harmony} runs. */
export interface HarmonyOptions {
  /** Of where clusters begin and of the order in which cells are assigned. Default 0. */
  readonly seed?: number | undefined;
  /** Default 2, what harmonypy 2 and R harmony2 do; 1 is the published method and harmonypy 0.0. */
  readonly edition?: 1 | 2 | undefined;
}

/**
 * Harmony (Korsunsky et al. 2019) with the defaults of harmonypy: cells are put into soft clusters by the cosine, with
 * a penalty where a cluster has too many of one batch; within clusters the shift of each batch is estimated by ridge
 * regression and taken out; both are repeated until the clusters' objective settles. Values differ from harmonypy's,
 * whose random draws differ; how well batches mix does not. One batch comes back as it was.
 *
 * Memory: two numbers a cell and cluster, of which there is one for 30 cells, 100 at most.
 *
 * @param points usually principal components
 * @throws InputError when a cell has no batch, or a point an entry that is no finite number
 * @throws CancelledError when the control's signal is aborted
 */
export async function harmony(
  points: Points,
  batch: Grouping,
  { seed = 0, edition = 2 }: HarmonyOptions = {},
  control?: RunControl,
): Promise<Points> {
  checkGrouped(points.count, batch);
  checkFinite(points);
  if (points.count === 0) {
    throw new UsageError({ what: 'there are no cells', where: 'Harmony', reason: 'too_few_cells' });
  }
  const { count, dimensions } = points;
  const settings = harmonyDefaults(edition, count);
  const original = Float64Array.from(points.values);
  const directions = scaleToUnit(original.slice(), dimensions);
  const orders = randomStream(seed, 'harmony', 'order of cells');
  const centroids = firstCentroids(
    directions,
    dimensions,
    settings.clusters,
    randomStream(seed, 'harmony', 'first centroids'),
  );
  const order = () => orders.shuffle(Int32Array.from({ length: count }, (_, cell) => cell));
  const { corrected } = await harmonise({ original, batch, centroids, order }, settings, control);
  return { values: corrected, count, dimensions };
}

/** Harmony on principal components, of genes as they are or scaled to unit variance. */
export async function harmonyOnPca(
  input: BatchedExpression,
  { scaled }: { readonly scaled: boolean },
  control?: RunControl,
): Promise<Integrated> {
  const { points, method } = await (scaled ? scaledPca : plainPca)(input, control);
  return {
    points: await harmony(points, input.batch, { seed: input.seed }, control),
    method: `${method}, Harmony`,
  };
}
