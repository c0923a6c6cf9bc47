/** @file What a pre-training will take on this machine, told before it begins. */

import { freemem } from 'node:os';
import { type BatchShape, parameterCount, trainingFlops } from '../../model/training-cost.ts';
import type { DeviceName } from '../../runtime/device.ts';
import type { RecordingLogger } from '../../support/log.ts';
import { elementCount } from '../../support/tensor.ts';
import type { ReadyBatch } from '../../train/loop.ts';
import { memoryOf, stepCost, streamsOf, tokensOfCell } from './memory.ts';
import type { PreparedPretraining } from './prepare.ts';
import { stepsOf, validationRound } from './pretrain.ts';
import { type OpenTraining, openTraining, reducedConfig, splitOf, type TrainingOptions } from './training.ts';

/** What a run would be. */
export interface PretrainPlan {
  readonly cells: { readonly training: number; readonly validation: number };
  /** Tokens of the training cells, `<cls>` included. */
  readonly tokensOfCell: { readonly median: number; readonly longest: number };
  /** Tokens that occur, of the whole vocabulary. */
  readonly vocabulary: { readonly used: number; readonly size: number };
  /** Numbers of the model, of the model over the tokens that occur, and those of them that are trained. */
  readonly parameters: { readonly model: number; readonly used: number; readonly trained: number };
  readonly epochs: number;
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  readonly device: DeviceName;
  readonly memory: { readonly needed: number; readonly free: number };
  /** From one step of a typical batch; null when there is not enough memory to take one. */
  readonly seconds: { readonly perEpoch: number; readonly total: number } | null;
  readonly warnings: readonly string[];
}

/** Times a step of a typical batch and scales it by floating-point operations. */
export async function planOf(
  prepared: PreparedPretraining,
  where: Omit<TrainingOptions, 'state'>,
  logger: RecordingLogger,
): Promise<PretrainPlan> {
  const { corpus, start, settings } = prepared;
  const { training, validation } = splitOf(corpus, settings);
  const lengths = (cells: Int32Array) =>
    cells.map((cell) => tokensOfCell(corpus.geneCounts[cell], settings)).sort();
  const lengthsOfTraining = lengths(training);
  const config = reducedConfig(corpus, start);
  const open = await openTraining(corpus, start, settings, where);
  try {
    const trained = trainedNumbers(open);
    const memory = { needed: memoryOf(corpus, start, settings, trained), free: freemem() };
    const fits = memory.needed <= memory.free;
    if (!fits) logger.warning(tooLarge(memory));
    return {
      cells: { training: training.length, validation: validation.length },
      tokensOfCell: {
        median: lengthsOfTraining[lengthsOfTraining.length >> 1],
        longest: lengthsOfTraining[lengthsOfTraining.length - 1],
      },
      vocabulary: { used: corpus.compact.vocabulary.size, size: start.vocabulary.size },
      parameters: { model: parameterCount(start.config), used: parameterCount(config), trained },
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      batchesPerEpoch: stepsOf(training, settings).batchesPerEpoch,
      device: open.device,
      memory,
      seconds: fits ? await timeOf(open, prepared, { training, validation }) : null,
      warnings: logger.warnings,
    };
  } finally {
    await open.trainer.dispose();
  }
}

function tooLarge({ needed, free }: PretrainPlan['memory']): string {
  return `the run needs about ${gigabytes(needed)} of memory and ${gigabytes(free)} are free, so no step was timed: use a smaller --batch-size or --max-length, or --recompute`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}

function trainedNumbers({ trainer }: OpenTraining): number {
  const { parameters } = trainer.state;
  return trainer.trained.reduce((sum, name) => sum + elementCount(parameters.get(name)?.shape ?? []), 0);
}

/** Scales a step over cells of middling length; the first one, which also allocates, is not timed. */
async function timeOf(
  { trainer, batches }: OpenTraining,
  { corpus, start, settings }: PreparedPretraining,
  { training, validation }: { readonly training: Int32Array; readonly validation: Int32Array },
): Promise<NonNullable<PretrainPlan['seconds']>> {
  const { geneCounts } = corpus;
  const byLength = training.toSorted((a, b) => geneCounts[a] - geneCounts[b] || a - b);
  const first = Math.max(0, (byLength.length - settings.batchSize) >> 1);
  const middling = byLength.slice(first, first + settings.batchSize).sort();
  const config = reducedConfig(corpus, start);
  const flops = (shape: BatchShape) => trainingFlops(config, shape, stepCost(settings));
  let secondsOfFlops = 0;
  for await (const batch of batches(middling, validationRound)) {
    await trainer.step(batch.feeds, 0, { update: true });
    const started = performance.now();
    await trainer.step(batch.feeds, 0, { update: true });
    secondsOfFlops = (performance.now() - started) / 1000 / flops(shapeOf(batch));
  }
  const secondsOf = (cells: Int32Array): number =>
    cells.reduce(
      (sum, cell) => sum + meanFlops(tokensOfCell(geneCounts[cell], settings), settings.ratios, flops),
      0,
    ) * secondsOfFlops;
  const looking = secondsOf(validation) / 3; // no backward pass
  const perEpoch = secondsOf(training) + looking;
  return { perEpoch, total: looking + settings.epochs * perEpoch };
}

function shapeOf({ feeds }: ReadyBatch): BatchShape {
  const [cells, known] = feeds.knownGenes.shape;
  return { cells, known, unknown: feeds.unknownGenes.shape[1] };
}

/** Operations for a cell, whose batch draws each of the ratios equally often. */
function meanFlops(tokens: number, ratios: readonly number[], flops: (shape: BatchShape) => number): number {
  const all = ratios.map((ratio) => flops({ cells: 1, ...streamsOf(tokens, ratio) }));
  return all.reduce((sum, one) => sum + one, 0) / all.length;
}
