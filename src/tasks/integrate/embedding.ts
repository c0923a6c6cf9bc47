/** @file The embedding of an integration: a fine-tuned model's beside harmonised components, or the model's as it is. */

import { harmonisedComponents } from '../../analysis/integration/harmonised-components.ts';
import { joined } from '../../analysis/integration/joined.ts';
import { neighbourShares } from '../../analysis/integration/neighbour-shares.ts';
import { type Points, pointsOf, takeRows } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { Device } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { embed } from '../embed/embed.ts';
import { type IntegrationCells, integrationDimensions } from './cells.ts';
import { type FineTuned, fineTune } from './fine-tuning.ts';
import type { IntegrateOptions } from './integrate.ts';
import type { IntegrateSettings } from './settings.ts';

/** An embedding of the rows that take part, and what it is made of. */
export interface MadeEmbedding {
  readonly integrated: Points; // [rows, dimensions]
  readonly embedded: Points; // [rows, d]
  readonly components: Points | null; // [rows, components]
  /** Null where nothing was trained. */
  readonly tuned: FineTuned | null;
  /** What was done, in words. */
  readonly method: string;
}

/** All genes the model knows, nothing trained. */
export async function zeroShotEmbedding(
  data: AnnData,
  model: LoadedModel,
  { rows }: IntegrationCells,
  options: IntegrateOptions,
): Promise<MadeEmbedding> {
  const { embeddings } = await embed(data, model, options);
  const embedded = takeRows(pointsOf(embeddings), rows);
  return {
    integrated: embedded,
    embedded,
    components: null,
    tuned: null,
    method: 'cell embeddings of the model as it is, all genes it knows',
  };
}

/** What {@link trainedEmbedding} is told beside the settings. */
export interface TrainedEmbeddingOptions extends Omit<IntegrateOptions, 'device'> {
  readonly device: Device;
  /** The cells uncorrected, for the label-free score. */
  readonly uncorrected: Points; // [rows, components]
}

/** Fine-tunes the model and puts its cell embedding beside the components that it learnt neighbours from. */
export async function trainedEmbedding(
  model: LoadedModel,
  cells: IntegrationCells,
  settings: IntegrateSettings,
  options: TrainedEmbeddingOptions,
): Promise<MadeEmbedding> {
  const { onProgress, signal, device, record, resume, uncorrected, asItWas = false, corrected } = options;
  const control = { onProgress, signal };
  const { expression, batch } = cells;
  const batched = { expression, batch, dimensions: integrationDimensions, seed: settings.seed };
  const learns = settings.neighbours > 0;
  const harmonised = learns || settings.jointWeight > 0 ? await harmonisedComponents(batched, control) : null;
  const shares =
    learns && harmonised !== null ? await neighbourShares(harmonised.points, control) : undefined;
  const start = { config: model.config, vocabulary: model.vocabulary, parameters: await model.parameters() };
  const tuned = await fineTune(
    start,
    cells,
    { shares, uncorrected },
    { settings, device, record, resume, asItWas, decodes: corrected === 'decoded', ...control },
  );
  const ofModel = `cell embeddings fine-tuned on ${cells.tokenIds.filter((token) => token >= 0).length} genes`;
  const joint = harmonised !== null && settings.jointWeight > 0;
  return {
    integrated: joint
      ? joined([harmonised.points, 1], [tuned.embedded, settings.jointWeight])
      : tuned.embedded,
    embedded: tuned.embedded,
    components: harmonised?.points ?? null,
    tuned,
    method: joint
      ? `harmonised components (${harmonised.method}) beside ${ofModel}, weight ${settings.jointWeight}`
      : ofModel,
  };
}
