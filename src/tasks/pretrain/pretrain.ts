/** @file Generative pre-training: cells in, a model out. */

import type { Model } from '../../model/folder-content.ts';
import type { RunControl } from '../../support/progress.ts';
import type { StateDict } from '../../support/tensor.ts';
import { batchCount } from '../../train/cells/stream.ts';
import { type RunRecord, type TrainingOutcome, train } from '../../train/loop.ts';
import type { TrainingState } from '../../train/run/training-state.ts';
import { learningRateAt } from '../../train/schedule.ts';
import type { Corpus } from './corpus.ts';
import { type PretrainSettings, scheduleOf } from './settings.ts';
import type { StartingPoint } from './starting-point.ts';
import { batchLimits, openTraining, splitOf, type TrainingOptions } from './training.ts';

/** How {@link pretrain} runs. */
export interface PretrainControl extends RunControl, Omit<TrainingOptions, 'state'> {
  /** Makes the place where the run is written, once the training is loaded and can begin. */
  readonly record?: (() => Promise<RunRecord>) | undefined;
  /** An earlier run's state and best parameters, to go on from. */
  readonly resume?: { readonly state: TrainingState; readonly best: StateDict } | undefined;
  readonly checkpointSeconds?: number | undefined;
}

/** A trained model and how it came about. */
export interface Pretrained {
  readonly model: Model;
  readonly outcome: TrainingOutcome;
  readonly trainingCells: number;
  readonly validationCells: number;
}

/**
 * Trains a model to generate unknown genes from known ones (Cui et al. 2024, Methods, "generative pretraining").
 *
 * Only the corpus's tokens are trained; rows of a larger vocabulary stay as they are. The result is the model with the
 * lowest loss on held-out cells. It depends on cells, settings and starting point alone, and, in the last digits, on
 * the device.
 *
 * @param start a model over the whole vocabulary that the corpus was made with
 */
export async function pretrain(
  corpus: Corpus,
  start: StartingPoint,
  settings: PretrainSettings,
  { record, resume, checkpointSeconds, device, threads, ...control }: PretrainControl = {},
): Promise<Pretrained> {
  const { epochs, patience } = settings;
  const { training, validation } = splitOf(corpus, settings);
  const { batchesPerEpoch, totalSteps } = stepsOf(training, settings);
  const schedule = scheduleOf(settings, totalSteps);
  const open = await openTraining(corpus, start, settings, { device, threads, state: resume?.state });
  try {
    const outcome = await train(
      {
        trainer: open.trainer,
        training: (epoch, skip) => open.batches(training, epoch, skip),
        validation: () => open.batches(validation, validationRound),
        epochs,
        batchesPerEpoch,
        cellsPerEpoch: training.length,
        learningRate: (step) => learningRateAt(schedule, step, totalSteps / epochs, totalSteps),
        patience: patience ?? undefined,
        record: await record?.(),
        checkpointSeconds,
        resume: resume && { progress: resume.state.progress, best: resume.best },
      },
      control,
    );
    return {
      model: open.model(outcome.best),
      outcome,
      trainingCells: training.length,
      validationCells: validation.length,
    };
  } finally {
    await open.trainer.dispose();
  }
}

/** Epochs are rounds of their number; held-out cells are always drawn for as in this one. */
export const validationRound = 0;

/** How many batches the first epoch has, and how many updates all epochs together; windows of cells, cut into even batches, make it differ a little from epoch to epoch. */
export function stepsOf(
  training: Int32Array,
  { batchSize, accumulate, seed, epochs }: PretrainSettings,
): { readonly batchesPerEpoch: number; readonly totalSteps: number } {
  const batches = Array.from({ length: epochs }, (_, i) =>
    batchCount(training, { seed, epoch: i + 1, batch: batchLimits(batchSize) }),
  );
  const totalSteps = batches.reduce((total, count) => total + Math.ceil(count / accumulate), 0);
  return { batchesPerEpoch: batches[0], totalSteps };
}
