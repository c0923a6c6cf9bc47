/**
 * @file Components of expression in which batches are mixed by three plain steps: our classical method, and the space
 * that a model learns neighbours from.
 */

import type { RunControl } from '../../support/progress.ts';
import { pcaWithin } from '../pca.ts';
import { pointsOf } from '../points.ts';
import { harmony } from './harmony.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { unitCells } from './principal-components.ts';

/**
 * Cells scaled to unit length, which takes differences of depth; each batch's means taken away, which takes what all of
 * its cells share; components, harmonised, which takes what is left. Means differ, too, where batches hold other shares
 * of cell types: as unit cells differ little in length, that shifts types little, and Harmony moves them back.
 *
 * What each step brings is in docs/integration.md.
 *
 * @throws InputError when there are fewer than two cells that differ
 */
export async function harmonisedComponents(
  { expression, batch, dimensions, seed }: BatchedExpression,
  control?: RunControl,
): Promise<Integrated> {
  const { scores } = await pcaWithin(unitCells(expression.logged), batch, dimensions, control);
  return {
    points: await harmony(pointsOf(scores), batch, { seed }, control),
    method: `${expression.method}, cells of unit length, ${scores.shape[1]} components within batches, Harmony`,
  };
}
