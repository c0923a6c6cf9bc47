/** @file The model that generates: as it is, or after a short fine-tuning on what is visible of the cells. */

import type { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { Device, DeviceOptions } from '../../runtime/device.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { EpochRecord } from '../../train/loop.ts';
import { tuneGenerative, tuningDefaults } from './fine-tuning.ts';
import type { ModelReading } from './model-values.ts';

/** How the model is made ready. */
export interface TuningOptions extends DeviceOptions, RunControl {
  /** Fine-tune on the cells first. Default true. */
  readonly train?: boolean | undefined;
  /** Default 4. */
  readonly epochs?: number | undefined;
  /** Default 0.0003. */
  readonly learningRate?: number | undefined;
  readonly seed?: number | undefined;
}

/** A model that is ready, and how its fine-tuning went. */
export interface ReadyModel {
  readonly reading: Omit<ModelReading, 'tokenIds'>;
  /** Empty where nothing was trained. */
  readonly history: readonly EpochRecord[];
  readonly bestStep: number;
}

/** Random weights are not fine-tuned: a few epochs do not make a model of them. */
export async function modelFor(
  expression: IncompleteExpression,
  genes: readonly string[],
  model: LoadedModel,
  device: Device,
  options: TuningOptions & { readonly logger: Logger },
): Promise<ReadyModel> {
  const { seed = 0, train = true, epochs, learningRate, logger } = options;
  const { config, vocabulary } = model;
  if (!train || !model.trained) {
    const parameters = await model.parameters();
    return { reading: { model: { config, vocabulary, parameters }, device, seed }, history: [], bestStep: 0 };
  }
  const tuning = {
    ...tuningDefaults,
    seed,
    epochs: epochs ?? tuningDefaults.epochs,
    learningRate: learningRate ?? tuningDefaults.learningRate,
  };
  const { signal, onProgress, threads } = options;
  const where = { device: options.device ?? 'auto', threads, signal, onProgress, logger } as const;
  const { model: tuned, outcome } = await tuneGenerative(model, expression, genes, tuning, where);
  return { reading: { model: tuned, device, seed }, history: outcome.history, bestStep: outcome.bestStep };
}
