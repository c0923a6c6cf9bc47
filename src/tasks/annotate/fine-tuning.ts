/** @file Fine-tunes a model to tell the classes of a reference: cross entropy alone, nothing hidden. */

import type { Graph } from '../../graph/graph.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Model } from '../../model/folder-content.ts';
import { initialParameter, initialParameters } from '../../model/initial-parameters.ts';
import { expectedParameters } from '../../model/parameters.ts';
import { binnedValues } from '../../model/value-table.ts';
import { Dropout } from '../../nn/dropout.ts';
import type { TrainingScope } from '../../nn/scope.ts';
import type { Device } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { GenePanel } from '../../single-cell/tokens/gene-panel.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import type { RunControl } from '../../support/progress.ts';
import type { StateDict } from '../../support/tensor.ts';
import { batchCount, streamBatches } from '../../train/cells/stream.ts';
import { type TrainingCell, TrainingCells } from '../../train/cells/training-cells.ts';
import { compactVocabulary, reduceModel, restoreModel } from '../../train/compact-vocabulary.ts';
import { type FineTuningBatches, fineTuningBatch } from '../../train/fine-tuning-batch.ts';
import { type ReadyBatch, type RunRecord, type TrainingOutcome, train } from '../../train/loop.ts';
import { lowRankParameters, mergeLowRank } from '../../train/low-rank.ts';
import { objectives } from '../../train/objectives.ts';
import type { TrainingState } from '../../train/run/training-state.ts';
import { learningRateAt } from '../../train/schedule.ts';
import { freezeOf, trainable } from '../../train/trainable.ts';
import { createTrainer } from '../../train/trainer.ts';
import { shownCells } from './class-shares.ts';
import { type AnnotateSettings, epochsFor, scheduleOf } from './settings.ts';

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

/** Where an earlier run stood. */
export interface ResumedTraining {
  readonly state: TrainingState;
  readonly best: StateDict;
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

/**
 * The model with a head for so many classes; whatever it lacks is drawn at random.
 *
 * @param fromScratch all of it is
 */
export function withClasses(
  { config, vocabulary, parameters }: Pick<Model, 'config' | 'vocabulary' | 'parameters'>,
  classes: number,
  { fromScratch, seed, dropout }: Pick<AnnotateSettings, 'fromScratch' | 'seed' | 'dropout'>,
): { readonly config: ModelConfig; readonly vocabulary: Vocabulary; readonly parameters: StateDict } {
  const grown: ModelConfig = { ...config, classes, dropout, trained: true };
  if (fromScratch) return { config: grown, vocabulary, parameters: initialParameters(grown, seed) };
  const expected = expectedParameters(grown);
  const all: StateDict = new Map();
  for (const [name, { shape }] of expected) {
    const given = parameters.get(name);
    const fits = given !== undefined && String(given.shape) === String(shape);
    all.set(name, fits ? given : initialParameter(name, expected, grown, seed));
  }
  return { config: grown, vocabulary, parameters: all };
}

/**
 * Trains on the training cells and keeps the epoch with the lowest loss on the held-out ones; without held-out cells,
 * on the training cells.
 *
 * @param start a model with a class head, over the whole vocabulary
 * @throws TrainingError, CancelledError
 */
export async function fineTune(
  start: Pick<Model, 'config' | 'vocabulary' | 'parameters'>,
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
  const { trainer, factors } = await openTrainer(device, reduced, making, settings, resume?.state);
  const epochs = epochsFor(settings, training.length);
  const shown = (epoch: number) =>
    shownCells(training, cells.codes, { balance: settings.balance, seed: settings.seed, epoch });
  const perEpoch = batchCount(shown(1), { seed: settings.seed, epoch: 1, batch: limits(settings) });
  const totalSteps = perEpoch * epochs;
  const schedule = scheduleOf(settings, totalSteps);
  const looked = heldOut.length > 0 ? heldOut : training;
  try {
    const outcome = await train(
      {
        trainer,
        training: (epoch, skip) => batchesOf(trainingCells, shown(epoch), making, settings, epoch, skip),
        validation: () => batchesOf(trainingCells, looked, making, settings, 0),
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
    const merged = factors === undefined ? outcome.best : mergeLowRank(outcome.best, factors);
    const parameters = restoreModel(start.parameters, merged, compact);
    return { model: { config: start.config, vocabulary: start.vocabulary, parameters }, outcome };
  } finally {
    await trainer.dispose();
  }
}

/** The value at `<cls>`, as in the published fine-tuning. */
export const clsValue = 0;

const limits = ({ batchSize }: AnnotateSettings) => ({ cells: batchSize, sortByLength: true }) as const;

async function openTrainer(
  device: Device,
  { config, parameters }: { readonly config: ModelConfig; readonly parameters: StateDict },
  { values }: FineTuningBatches,
  settings: AnnotateSettings,
  state: TrainingState | undefined,
) {
  const freeze = freezeOf(settings.freeze);
  const factors = freeze === 'low-rank' ? lowRankOf(config) : undefined;
  const added = factors === undefined ? [] : lowRankParameters(config, factors, settings.seed);
  const build = (training?: (graph: Graph) => TrainingScope) =>
    objectives(config, {
      weights: { cls: 1 },
      training,
      lowRank: factors,
      distinctValues: values.values,
    });
  const trainer = await createTrainer(
    device,
    { training: build((graph) => dropoutIn(graph, config)), evaluation: build() },
    state?.parameters ?? new Map([...parameters, ...added]),
    {
      adam: { weightDecay: 0 },
      clipNorm: settings.clipNorm,
      seed: settings.seed,
      trains: trainable(config, { freeze }),
    },
    state && { ...state, step: state.progress.step },
  );
  return { trainer, factors };
}

/** Factors of rank 8 beside every weight matrix of the transformer, counted twice. */
function lowRankOf(config: ModelConfig) {
  const expected = expectedParameters(config);
  return { rank: 8, alpha: 16, targets: (name: string) => expected.get(name)?.part === 'transformer' };
}

function dropoutIn(graph: Graph, { dropout: rate, embeddingSize, hiddenSize }: ModelConfig): TrainingScope {
  const width = Math.max(embeddingSize, hiddenSize);
  return { dropout: rate > 0 ? new Dropout(graph, { rate, width }) : undefined, probabilities: 'stored' };
}

async function* batchesOf(
  cells: TrainingCells,
  members: Int32Array,
  making: FineTuningBatches,
  settings: AnnotateSettings,
  round: number,
  skip = 0,
): AsyncGenerator<ReadyBatch> {
  const length = (cell: TrainingCell): number => Math.min(making.maxLength, cell.genes.length + 1);
  const { seed } = settings;
  const stream = { seed, epoch: round, batch: limits(settings), skip, length };
  for await (const { cells: chosen, index } of streamBatches(cells, members, stream)) {
    const { feeds, cells: count, tokens } = fineTuningBatch(chosen, making, round);
    yield { feeds, cells: count, tokens, weight: count, index, name: `cell ${chosen[0].name}` };
  }
}
