/** @file Generative pre-training: cells in, a model out. */

import type { Graph } from '../../graph/graph.ts';
import { type ModelConfig, modelConfig } from '../../model/config.ts';
import type { Model } from '../../model/folder-content.ts';
import { initialParameters } from '../../model/initial-parameters.ts';
import { binnedValues } from '../../model/value-table.ts';
import { Dropout } from '../../nn/dropout.ts';
import type { TrainingScope } from '../../nn/scope.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import type { RunControl } from '../../support/progress.ts';
import type { StateDict } from '../../support/tensor.ts';
import { splitCells } from '../../train/cells/split.ts';
import { streamBatches } from '../../train/cells/stream.ts';
import type { TrainingCell, TrainingCells } from '../../train/cells/training-cells.ts';
import { reduceModel, restoreModel } from '../../train/compact-vocabulary.ts';
import { type ReadyBatch, type RunRecord, type TrainingOutcome, train } from '../../train/loop.ts';
import { pretrainingObjectives } from '../../train/pretraining.ts';
import { type PretrainingBatches, pretrainingBatch } from '../../train/pretraining-batch.ts';
import type { TrainingState } from '../../train/run/training-state.ts';
import { learningRateAt } from '../../train/schedule.ts';
import { createTrainer } from '../../train/trainer.ts';
import type { Corpus } from './corpus.ts';
import { type ModelSize, type PretrainSettings, scheduleOf } from './settings.ts';

/** What a run starts from. */
export interface StartingPoint {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  readonly parameters: StateDict;
}

/** A new model over the corpus's tokens, with random weights. */
export function newModel(
  corpus: Corpus,
  size: ModelSize,
  { bins, maxLength, dropout, seed }: PretrainSettings,
): StartingPoint {
  const { vocabulary } = corpus.compact;
  const config = modelConfig({
    ...size,
    architecture: 'pretraining',
    vocabularySize: vocabulary.size,
    bins,
    maxLength,
    dropout,
    conditions: corpus.conditions,
  });
  return { config, vocabulary, parameters: initialParameters(config, seed) };
}

/** How {@link pretrain} runs. */
export interface PretrainControl extends RunControl {
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  /** Where the run is written. */
  readonly record?: RunRecord | undefined;
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
 * the device and its number of threads.
 *
 * @param start a model over the whole vocabulary that the corpus was made with
 */
export async function pretrain(
  corpus: Corpus,
  start: StartingPoint,
  settings: PretrainSettings,
  control: PretrainControl = {},
): Promise<Pretrained> {
  const { resume } = control;
  const reduced =
    start.vocabulary.size === corpus.compact.vocabulary.size
      ? start
      : reduceModel(start.config, start.parameters, corpus.compact);
  const { train: trainingCells, validation } = splitCells(corpus.cells.count, {
    share: settings.validationShare,
    seed: settings.seed,
  });
  const values = binnedValues(reduced.config);
  const build = (training?: (graph: Graph) => TrainingScope) =>
    pretrainingObjectives(reduced.config, {
      cellPrompted: settings.cellPrompted,
      training,
      distinctValues: values.values,
    });
  const device = await openDevice({ device: control.device ?? 'auto', threads: control.threads });
  const trainer = await createTrainer(
    device,
    { training: build((graph) => trainingScope(graph, reduced.config, settings)), evaluation: build() },
    resume?.state.parameters ?? reduced.parameters,
    {
      adam: { weightDecay: settings.weightDecay },
      clipNorm: settings.clipNorm,
      accumulate: settings.accumulate,
      seed: settings.seed,
      trains: () => true,
    },
    resume && { ...resume.state, step: resume.state.progress.step },
  );
  try {
    const making: PretrainingBatches = {
      config: reduced.config,
      vocabulary: corpus.compact.vocabulary,
      binner: new ValueBinner(reduced.config.bins, settings.binning),
      values,
      seed: settings.seed,
      maxLength: settings.maxLength,
      ratios: settings.ratios,
      conditions: corpus.conditionRows,
    };
    const batchesPerEpoch = Math.ceil(trainingCells.length / settings.batchSize);
    const updatesPerEpoch = Math.ceil(batchesPerEpoch / settings.accumulate);
    const totalSteps = updatesPerEpoch * settings.epochs;
    const schedule = scheduleOf(settings, totalSteps);
    const outcome = await train(
      {
        trainer,
        training: (epoch, skip) => batchesOf(corpus.cells, trainingCells, making, settings, epoch, skip),
        validation: () => batchesOf(corpus.cells, validation, making, settings, validationRound, 0),
        epochs: settings.epochs,
        batchesPerEpoch,
        cellsPerEpoch: trainingCells.length,
        learningRate: (step) => learningRateAt(schedule, step, updatesPerEpoch, totalSteps),
        patience: settings.patience ?? undefined,
        record: control.record,
        checkpointSeconds: control.checkpointSeconds,
        resume: resume && { progress: resume.state.progress, best: resume.best },
      },
      control,
    );
    const parameters =
      reduced === start ? outcome.best : restoreModel(start.parameters, outcome.best, corpus.compact);
    return {
      model: { config: start.config, vocabulary: start.vocabulary, parameters },
      outcome,
      trainingCells: trainingCells.length,
      validationCells: validation.length,
    };
  } finally {
    await trainer.dispose();
  }
}

/** Epochs are rounds of their number; held-out cells are always drawn for as in this one. */
const validationRound = 0;

function trainingScope(graph: Graph, config: ModelConfig, settings: PretrainSettings): TrainingScope {
  const width = Math.max(config.embeddingSize, config.hiddenSize);
  return {
    dropout: settings.dropout > 0 ? new Dropout(graph, { rate: settings.dropout, width }) : undefined,
    probabilities: settings.recompute ? 'recomputed' : 'stored',
  };
}

/** The batches of a round, cells of similar length together. */
async function* batchesOf(
  cells: TrainingCells,
  members: Int32Array,
  making: PretrainingBatches,
  { batchSize, seed, maxLength }: PretrainSettings,
  round: number,
  skip: number,
): AsyncGenerator<ReadyBatch> {
  const length = (cell: TrainingCell): number => Math.min(maxLength, cell.genes.length + 1);
  const batch = { cells: batchSize, sortByLength: true };
  for await (const { cells: chosen, index } of streamBatches(cells, members, {
    seed,
    epoch: round,
    batch,
    skip,
    length,
  })) {
    const { feeds, cells: count, tokens } = pretrainingBatch(chosen, making, round, index);
    const scored = (feeds.scored.data as Uint8Array).reduce((total, one) => total + one, 0);
    if (scored === 0) continue; // cells of one gene have none to predict
    const [first] = chosen;
    yield {
      feeds,
      cells: count,
      tokens,
      weight: scored,
      index,
      name: `cell ${first.name} of ${cells.sources[first.source].label}`,
    };
  }
}
