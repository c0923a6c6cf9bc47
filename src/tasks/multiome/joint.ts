/** @file The joint embedding: neighbours by both modalities, each with the fine-tuned model's view of the cells beside it. */

import { joined } from '../../analysis/integration/joined.ts';
import {
  besideEmbedding,
  type JointComponents,
  type JointComponentsOptions,
  jointComponents,
} from '../../analysis/multimodal/joint-components.ts';
import { amongAll, meanWhereMissing } from '../../analysis/multimodal/missing-rows.ts';
import { type Points, takeRows } from '../../analysis/points.ts';

/** What the embedding is made from. */
export interface JointViews {
  /** Components; rows of NaN where a cell lacks a modality. */
  readonly modalities: readonly [Points, Points]; // [cells, components]
  /** By the fine-tuned model; rows of NaN for cells without a token. */
  readonly embedded: Points; // [cells, d]
  /** Whether each modality has a say. */
  readonly trust: readonly [number, number];
  /** What the model's embedding counts for beside a modality. */
  readonly weight: number;
}

/** Coordinates that tell large groups count for more than those that follow few cells. */
const steps = 3;

/**
 * Finds weighted nearest neighbours by modalities that each have the model's embedding beside them: what a modality
 * measures too coarsely to tell cells apart, the model has learnt from both. Coordinates of the neighbours' graph and the
 * model's embedding in equal shares are the joint embedding. Where one modality alone has a say, it is the modality and
 * the model's embedding side by side.
 */
export async function jointEmbedding(
  { modalities, embedded, trust, weight }: JointViews,
  options: JointComponentsOptions,
): Promise<JointComponents> {
  const views = besideEmbedding(modalities, embedded, weight);
  const found = await jointComponents(views, trust, { ...options, steps });
  if (weight === 0) return found;
  if (!found.weighted) return { ...found, method: 'components of one modality beside the cell embedding' };
  const { rows, points } = found;
  const cells = takeRows(meanWhereMissing(embedded), rows);
  return {
    ...found,
    points: amongAll(joined([takeRows(points, rows), 1], [cells, 1]), rows, points.count),
    method: `weighted nearest neighbours of both modalities, each beside the cell embedding; ${found.method} beside the cell embedding`,
  };
}
