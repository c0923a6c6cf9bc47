/** @file Trains the autoencoder as scVI does, and encodes cells with what came of it. */

import { Graph } from '../../graph/graph.ts';
import type { Device } from '../../runtime/device.ts';
import type { NamedTensors } from '../../runtime/executable.ts';
import { CancelledError, TrainingError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import type { StateDict, Tensor } from '../../support/tensor.ts';
import { addLosses, type EpochSums, meansOf } from '../../train/epoch-sums.ts';
import { createTrainer, type Trainer } from '../../train/trainer.ts';
import type { Points } from '../points.ts';
import { type Counts, denseCounts } from './counts.ts';
import { initialParameters } from './initial-parameters.ts';
import { evidenceLoss, latentMeans, type NetworkSizes } from './network.ts';

/** What is trained on, and how long. */
export interface AutoencoderTraining {
  readonly counts: Counts;
  /** The batch of each cell, from 0. */
  readonly batchOf: Int32Array; // [cells]
  readonly sizes: NetworkSizes;
  readonly epochs: number;
  readonly seed: number;
}

/** Settings of scVI, which damps the root of the second moment far more than is usual, and clips no gradients. */
const adam = { epsilon: 0.01, weightDecay: 1e-6, decay: 'added' } as const;
const learningRate = 1e-3;
const cellsPerBatch = 128;
/**
 * Epochs over which the weight of the divergence rises from 0 to 1, as in scVI whatever the number of epochs: shorter
 * training never gets to its full weight.
 */
const warmUp = 400;

/**
 * Trains on the cells that have counts, and keeps the last parameters: nothing is held out to choose others by.
 *
 * @throws TrainingError when a loss is not finite
 * @throws CancelledError when the signal is aborted
 */
export async function trainAutoencoder(
  device: Device,
  training: AutoencoderTraining,
  control: RunControl = {},
): Promise<StateDict> {
  const { sizes, epochs, seed } = training;
  const declared = new Graph();
  evidenceLoss(declared, sizes, 'training');
  const trainer = await createTrainer(
    device,
    {
      training: (graph) => evidenceLoss(graph, sizes, 'training'),
      evaluation: (graph) => evidenceLoss(graph, sizes, 'evaluation'),
    },
    initialParameters(declared.parameters, seed),
    { adam, clipNorm: Number.POSITIVE_INFINITY, seed, trains: () => true },
  );
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const { loss } = await trainEpoch(trainer, training, epoch, control.signal);
      control.onProgress?.({
        stage: 'training the autoencoder',
        done: epoch + 1,
        total: epochs,
        unit: 'epochs',
        note: `loss ${loss.toFixed(1)}`,
      });
    }
    return trainer.state.parameters;
  } finally {
    await trainer.dispose();
  }
}

async function trainEpoch(
  trainer: Trainer,
  training: AutoencoderTraining,
  epoch: number,
  signal: AbortSignal | undefined,
): Promise<Record<string, number>> {
  const sums: EpochSums = {};
  for (const [index, cells] of batchesOf(training, epoch).entries()) {
    if (signal?.aborted === true)
      throw new CancelledError({ what: 'stopped while training the autoencoder' });
    const feeds = batchFeeds(training, cells, epoch, index);
    const result = await trainer.step(feeds, learningRate);
    if (!result.updated) {
      throw new TrainingError({
        what: `the loss or a gradient is no number (loss ${result.total})`,
        where: `variational autoencoder, epoch ${epoch + 1}, batch ${index + 1}`,
        advice: 'Check that the values are counts, without extreme outliers.',
        reason: 'not_finite',
      });
    }
    addLosses(sums, result, cells.length);
  }
  return meansOf(sums);
}

/** Cells with counts in random order, in parts of equal size as nearly as can be: none has but one cell. */
function batchesOf({ counts, seed }: AutoencoderTraining, epoch: number): Int32Array[] {
  const usable = Int32Array.from(counts.cells.keys()).filter((cell) => counts.cells[cell].total > 0);
  const order = randomStream(seed, 'order of cells', epoch).shuffle(usable);
  const parts = Math.ceil(order.length / cellsPerBatch);
  const begin = (part: number): number => Math.floor((part * order.length) / parts);
  return Array.from({ length: parts }, (_, part) => order.subarray(begin(part), begin(part + 1)));
}

/** Inputs of the loss. */
function batchFeeds(
  { counts, batchOf, sizes, seed }: AutoencoderTraining,
  cells: Int32Array,
  epoch: number,
  index: number,
): NamedTensors {
  const random = randomStream(seed, 'noise', epoch, index);
  const tensor = (width: number): Tensor<'float32'> => ({
    dtype: 'float32',
    shape: [cells.length, 1, width],
    data: new Float32Array(cells.length * width),
  });
  const [batch, noise] = [tensor(sizes.batches), tensor(sizes.latent)];
  cells.forEach((cell, row) => {
    batch.data[row * sizes.batches + batchOf[cell]] = 1;
  });
  for (let i = 0; i < noise.data.length; i++) noise.data[i] = random.normal();
  return {
    counts: denseCounts(counts, cells),
    batch,
    noise,
    divergence_weight: { dtype: 'float32', shape: [], data: Float32Array.of(Math.min(1, epoch / warmUp)) },
  };
}

/** The latent mean of every cell, those without counts included. */
export async function encodeCells(
  device: Device,
  counts: Counts,
  sizes: NetworkSizes,
  parameters: StateDict,
): Promise<Points> {
  const graph = new Graph();
  graph.output('mean', latentMeans(graph, sizes));
  const executable = await device.load(graph, parameters);
  const count = counts.cells.length;
  const values = new Float32Array(count * sizes.latent);
  try {
    for (let start = 0; start < count; start += cellsPerBatch) {
      const length = Math.min(cellsPerBatch, count - start);
      const cells = Int32Array.from({ length }, (_, i) => start + i);
      const { mean } = await executable.run({ counts: denseCounts(counts, cells) });
      values.set(mean.data as Float32Array, start * sizes.latent);
    }
  } finally {
    await executable.dispose();
  }
  return { values, count, dimensions: sizes.latent };
}
