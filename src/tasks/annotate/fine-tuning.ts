/** @file Fine-tunes a model to tell the classes of a reference: cross entropy alone, nothing hidden. */

import type { Model } from '../../model/folder-content.ts';
import { binnedValues } from '../../model/value-table.ts';
import type { Device } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { GenePanel } from '../../single-cell/tokens/gene-panel.ts';
import type { RunControl } from '../../support/progress.ts';
import type { BatchLimits } from '../../train/cells/batches.ts';
import { batchCount, streamBatches } from '../../train/cells/stream.ts';
import { type TrainingCell, TrainingCells } from '../../train/cells/training-cells.ts';
import { compactVocabulary, reduceModel, restoreModel } from '../../train/compact-vocabulary.ts';
import { type FineTuningBatches, fineTuningBatch } from '../../train/fine-tuning-batch.ts';
import { type ReadyBatch, type RunRecord, type TrainingOutcome, train } from '../../train/loop.ts';
import { learningRateAt } from '../../train/schedule.ts';
import { grownModel, type TrainedModel } from '../fine-tuning/grown-model.ts';
import type { ResumedTraining } from '../fine-tuning/run-folder.ts';
import { scheduleOf } from '../fine-tuning/settings.ts';
import { openFineTuner } from '../fine-tuning/trainer.ts';
import { shownCells } from './class-shares.ts';
import { type AnnotateSettings, batchSizeFor, epochsFor } from './settings.ts';

/** Labelled cells as the model reads them. */
export interface LabelledCells {
  readonly matrix: Matrix; // [cells, genes]
  readonly names: readonly string[]; // [cells]
  /** Token of each gene that is read, -1 for those that are not. */
  readonly tokenIds: Int32Array; // [genes]
  /** Class of each cell, -1 for none. */
  readonly codes: Int32Array; // [cells]
  readonly classCount: number;
  /** What messages call the data. */
  readonly label: string;
}

/** How {@link fineTune} runs. */
export interface FineTuneOptions extends RunControl {
  readonly device: Device;
  readonly settings: AnnotateSettings;
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
  /** Makes the place where the run is written. */
  readonly record?: (() => Promise<RunRecord>) | undefined;
  readonly resume?: ResumedTraining | undefined;
}

/** A model that tells classes, and how it came about. */
export interface FineTuned {
  readonly model: Model;
  readonly outcome: TrainingOutcome;
}

/** The model with a head for so many classes. */
export function withClasses(
  model: TrainedModel,
  classes: number,
  { dropout, ...options }: Pick<AnnotateSettings, 'fromScratch' | 'seed' | 'dropout'>,
): TrainedModel {
  return grownModel(model, { classes, dropout }, options);
}

/**
 * Trains on the training cells and keeps the epoch with the lowest loss on the held-out ones; without held-out cells,
 * on the training cells.
 *
 * @param start a model with a class head, over the whole vocabulary
 * @throws TrainingError, CancelledError
 */
export async function fineTune(
  start: TrainedModel,
  cells: LabelledCells,
  options: FineTuneOptions,
): Promise<FineTuned> {
  const { settings, device, training, heldOut, resume } = options;
  const compact = compactVocabulary(
    start.vocabulary,
    cells.tokenIds.filter((token) => token >= 0),
  );
  const reduced = reduceModel(start.config, start.parameters, compact);
  const source = {
    matrix: cells.matrix,
    names: cells.names,
    panel: new GenePanel(compact.vocabulary, compact.translate(cells.tokenIds)),
    label: cells.label,
  };
  const trainingCells = new TrainingCells([source], { includeZeros: false });
  await trainingCells.countGenes(options); // tells bad values now, and which cells are empty
  const making: FineTuningBatches = {
    config: reduced.config,
    vocabulary: compact.vocabulary,
    binner: new ValueBinner(reduced.config.bins, 'left'),
    values: binnedValues(reduced.config),
    seed: settings.seed,
    maxLength: reduced.config.maxLength,
    clsValue,
    maskRatio: 0,
    labelOf: ({ row }) => cells.codes[row],
  };
  const { trainer, merged } = await openFineTuner(
    device,
    reduced.config,
    reduced.parameters,
    { ...settings, weights: { cls: 1 }, values: making.values },
    resume?.state,
  );
  const epochs = epochsFor(settings, training.length);
  const batch = { cells: batchSizeFor(settings, training.length), sortByLength: true } as const;
  const shown = (epoch: number) =>
    shownCells(training, cells.codes, { balance: settings.balance, seed: settings.seed, epoch });
  const perEpoch = batchCount(shown(1), { seed: settings.seed, epoch: 1, batch });
  const totalSteps = perEpoch * epochs;
  const schedule = scheduleOf(settings, totalSteps);
  const looked = heldOut.length > 0 ? heldOut : training;
  try {
    const outcome = await train(
      {
        trainer,
        training: (epoch, skip) =>
          batchesOf(trainingCells, shown(epoch), making, { batch, round: epoch, skip }),
        validation: () => batchesOf(trainingCells, looked, making, { batch, round: 0, skip: 0 }),
        epochs,
        batchesPerEpoch: perEpoch,
        cellsPerEpoch: shown(1).length,
        learningRate: (step) => learningRateAt(schedule, step, perEpoch, totalSteps),
        patience: settings.patience ?? undefined,
        record: await options.record?.(),
        resume: resume && { progress: resume.state.progress, best: resume.best },
      },
      options,
    );
    const parameters = restoreModel(start.parameters, merged(outcome.best), compact);
    return { model: { config: start.config, vocabulary: start.vocabulary, parameters }, outcome };
  } finally {
    await trainer.dispose();
  }
}

/** The value at `<cls>`, as in the published fine-tuning. */
export const clsValue = 0;

/** Which batches, of which cells together. */
interface Stream {
  readonly batch: BatchLimits;
  /** Epochs are rounds of their number, validation is round 0. */
  readonly round: number;
  readonly skip: number;
}

async function* batchesOf(
  cells: TrainingCells,
  members: Int32Array,
  making: FineTuningBatches,
  { batch, round, skip }: Stream,
): AsyncGenerator<ReadyBatch> {
  const length = (cell: TrainingCell): number => Math.min(making.maxLength, cell.genes.length + 1);
  const stream = { seed: making.seed, epoch: round, batch, skip, length };
  for await (const { cells: chosen, index } of streamBatches(cells, members, stream)) {
    const { feeds, cells: count, tokens } = fineTuningBatch(chosen, making, round);
    yield { feeds, cells: count, tokens, weight: count, index, name: `cell ${chosen[0].name}` };
  }
}
