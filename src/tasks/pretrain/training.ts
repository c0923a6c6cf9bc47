/** @file A pre-training made ready on a device: its trainer, its cells in batches, and the way back to a whole model. */

import type { Graph } from '../../graph/graph.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Model } from '../../model/folder-content.ts';
import { expectedParameters } from '../../model/parameters.ts';
import { binnedValues } from '../../model/value-table.ts';
import { Dropout } from '../../nn/dropout.ts';
import type { LowRank, TrainingScope } from '../../nn/scope.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import type { StateDict } from '../../support/tensor.ts';
import { splitCells } from '../../train/cells/split.ts';
import { streamBatches } from '../../train/cells/stream.ts';
import type { TrainingCell } from '../../train/cells/training-cells.ts';
import { reduceModel, restoreModel } from '../../train/compact-vocabulary.ts';
import type { ReadyBatch } from '../../train/loop.ts';
import { lowRankParameters, mergeLowRank } from '../../train/low-rank.ts';
import { pretrainingObjectives } from '../../train/pretraining.ts';
import { type PretrainingBatches, pretrainingBatch } from '../../train/pretraining-batch.ts';
import type { TrainingState } from '../../train/run/training-state.ts';
import { freezeOf, trainable } from '../../train/trainable.ts';
import { createTrainer, type Trainer } from '../../train/trainer.ts';
import type { Corpus } from './corpus.ts';
import type { PretrainSettings } from './settings.ts';
import { type StartingPoint, trainedConfig } from './starting-point.ts';

/** Where to compute, and from which state on. */
export interface TrainingOptions {
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  /** An earlier run's parameters and moments. */
  readonly state?: TrainingState | undefined;
}

/** A pre-training that can begin. */
export interface OpenTraining {
  readonly trainer: Trainer;
  readonly device: DeviceName;
  /** The cells of a round in batches of similar length: epochs are rounds of their number. */
  batches(members: Int32Array, round: number, skip?: number): AsyncIterable<ReadyBatch>;
  /** The whole model with these values of what was trained. */
  model(trained: StateDict): Model;
}

/** The cells to train on and those held out, of all that have a gene above zero. */
export function splitOf(
  { geneCounts, groups }: Corpus,
  { validationShare: share, seed }: PretrainSettings,
): { readonly training: Int32Array; readonly validation: Int32Array } {
  const usable = Int32Array.from(geneCounts.keys()).filter((cell) => geneCounts[cell] > 0);
  const groupsOfUsable = groups && usable.map((cell) => groups[cell]);
  const { train, validation } = splitCells(usable.length, { share, seed, groups: groupsOfUsable });
  const numbers = (places: Int32Array) => places.map((place) => usable[place]);
  return { training: numbers(train), validation: numbers(validation) };
}

/** The configuration of the model over the corpus's tokens alone, as it is trained. */
export function reducedConfig({ compact }: Corpus, { config }: StartingPoint): ModelConfig {
  return { ...trainedConfig(config), vocabularySize: compact.vocabulary.size };
}

/**
 * Loads the training step on a device.
 *
 * @param start a model over the whole vocabulary that the corpus was made with
 */
export async function openTraining(
  corpus: Corpus,
  start: StartingPoint,
  settings: PretrainSettings,
  { state, ...where }: TrainingOptions = {},
): Promise<OpenTraining> {
  const config = reducedConfig(corpus, start);
  const isWhole = config.vocabularySize === start.config.vocabularySize;
  const parameters = isWhole
    ? start.parameters
    : reduceModel(start.config, start.parameters, corpus.compact).parameters;
  const freeze = freezeOf(settings.freeze);
  const lowRank = freeze === 'low-rank' ? lowRankOf(config, settings) : undefined;
  const factors = lowRank === undefined ? [] : lowRankParameters(config, lowRank, settings.seed);
  const isTrained = trainable(config, { freeze });
  const values = binnedValues(config);
  const build = (training?: (graph: Graph) => TrainingScope) =>
    pretrainingObjectives(config, {
      cellPrompted: settings.cellPrompted,
      cce: settings.cce > 0 ? settings.cce : undefined,
      training,
      lowRank,
      distinctValues: values.values,
    });
  const device = await openDevice({ device: where.device ?? 'auto', threads: where.threads });
  const trainer = await createTrainer(
    device,
    { training: build((graph) => trainingScope(graph, config, settings)), evaluation: build() },
    state?.parameters ?? new Map([...parameters, ...factors]),
    {
      adam: { weightDecay: settings.weightDecay },
      clipNorm: settings.clipNorm,
      accumulate: settings.accumulate,
      seed: settings.seed,
      trains: (name) => isTrained(name) || start.drawn.has(name),
    },
    state && { ...state, step: state.progress.step },
  );
  const making: PretrainingBatches = {
    config,
    vocabulary: corpus.compact.vocabulary,
    binner: new ValueBinner(config.bins, settings.binning),
    values,
    seed: settings.seed,
    maxLength: settings.maxLength,
    ratios: settings.ratios,
    conditions: corpus.conditionRows,
  };
  return {
    trainer,
    device: device.name,
    batches: (members, round, skip) => batchesOf(corpus, members, making, settings, round, skip),
    model(trained) {
      const merged = lowRank === undefined ? trained : mergeLowRank(trained, lowRank);
      return {
        config: start.config,
        vocabulary: start.vocabulary,
        parameters: isWhole ? merged : restoreModel(start.parameters, merged, corpus.compact),
      };
    },
  };
}

/** Factors beside every weight matrix of the transformer. */
function lowRankOf(config: ModelConfig, { loraRank: rank, loraAlpha: alpha }: PretrainSettings): LowRank {
  const expected = expectedParameters(config);
  return { rank, alpha, targets: (name) => expected.get(name)?.part === 'transformer' };
}

function trainingScope(graph: Graph, config: ModelConfig, settings: PretrainSettings): TrainingScope {
  const width = Math.max(config.embeddingSize, config.hiddenSize);
  return {
    dropout: settings.dropout > 0 ? new Dropout(graph, { rate: settings.dropout, width }) : undefined,
    probabilities: settings.recompute ? 'recomputed' : 'stored',
  };
}

async function* batchesOf(
  { cells }: Corpus,
  members: Int32Array,
  making: PretrainingBatches,
  { batchSize, seed, maxLength }: PretrainSettings,
  round: number,
  skip = 0,
): AsyncGenerator<ReadyBatch> {
  const length = (cell: TrainingCell): number => Math.min(maxLength, cell.genes.length + 1);
  const batch = batchLimits(batchSize);
  for await (const { cells: chosen, index } of streamBatches(cells, members, {
    seed,
    epoch: round,
    batch,
    skip,
    length,
  })) {
    const { feeds, cells: count, tokens, scored } = pretrainingBatch(chosen, making, round, index);
    if (scored === 0) continue; // cells of one gene have none to predict
    const [first] = chosen;
    const name = `cell ${first.name} of ${cells.sources[first.source].label}`;
    yield { feeds, cells: count, tokens, weight: scored, index, name };
  }
}

/** Cells of similar length go together. */
export function batchLimits(batchSize: number): { readonly cells: number; readonly sortByLength: true } {
  return { cells: batchSize, sortByLength: true };
}
