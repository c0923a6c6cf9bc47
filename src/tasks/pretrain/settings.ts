/** @file Every choice of a pre-training run, with its default and the reason for it. */

import type { BinningMode } from '../../single-cell/binning.ts';
import type { Schedule } from '../../train/schedule.ts';

/** The size of a new model. */
export interface ModelSize {
  /** Width of every token's embedding. Default 128; the published models have 512. */
  readonly embeddingSize: number;
  /** Default 4 layers; the published models have 12. */
  readonly layers: number;
  /** Default 4 heads; the published models have 8. */
  readonly heads: number;
  /** Width inside the feed-forward blocks. Default: the embedding size, as in the published models. */
  readonly hiddenSize: number;
}

/** Choices of a run. Those that decide its result are in its `config.json`. */
export interface PretrainSettings {
  readonly epochs: number;
  /** Cells of a batch. */
  readonly batchSize: number;
  /** Batches whose gradients are averaged before an update: the batch is then this many times larger. */
  readonly accumulate: number;
  readonly learningRate: number;
  readonly schedule: Schedule['kind'];
  /** Updates over which the rate rises to its full height; `auto` is a twentieth of all, 10,000 at the most. */
  readonly warmUpSteps: number | 'auto';
  readonly weightDecay: number;
  /** Largest norm of the gradient. */
  readonly clipNorm: number;
  readonly dropout: number;
  /** Shares of genes to predict; each batch draws one of them. The published models had 0.25, 0.5 and 0.75. */
  readonly ratios: readonly number[];
  /** Most tokens of a cell, `<cls>` included; genes beyond are sampled anew in each epoch. */
  readonly maxLength: number;
  readonly bins: number;
  readonly binning: BinningMode;
  /** Whether cells are also generated from their own embedding, in a second pass. It doubles the time. */
  readonly cellPrompted: boolean;
  /** Share of cells that is held out to tell when to stop. */
  readonly validationShare: number;
  /** Epochs without improvement after which to stop. */
  readonly patience: number | null;
  readonly seed: number;
  /** Compute attention probabilities again in the backward pass: less memory, somewhat more time. */
  readonly recompute: boolean;
}

/** Defaults: the published recipe where a small data set on one machine allows, see docs/pretraining-study.md. */
export const pretrainDefaults: PretrainSettings = {
  epochs: 10,
  batchSize: 32,
  accumulate: 1,
  learningRate: 1e-3,
  schedule: 'cosine',
  warmUpSteps: 'auto',
  weightDecay: 0,
  clipNorm: 1,
  dropout: 0.1,
  ratios: [0.25, 0.5, 0.75],
  maxLength: 1200,
  bins: 51,
  binning: 'left',
  cellPrompted: false,
  validationShare: 0.05,
  patience: null,
  seed: 0,
  recompute: false,
};

/** The size of a new model where nothing else is asked for: learns from some thousand cells in hours on two cores. */
export const defaultSize: ModelSize = { embeddingSize: 128, layers: 4, heads: 4, hiddenSize: 128 };

/** Any of them, the rest as they are by default. */
export type SomeOf<Settings> = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

/** The schedule of a run with this many updates. */
export function scheduleOf(settings: PretrainSettings, totalSteps: number): Schedule {
  const { schedule: kind, learningRate: rate, warmUpSteps } = settings;
  const warmUp = warmUpSteps === 'auto' ? Math.min(10_000, Math.ceil(totalSteps / 20)) : warmUpSteps;
  switch (kind) {
    case 'constant':
      return { kind, rate };
    case 'linear':
      return { kind, rate, warmUpSteps: warmUp };
    case 'step':
      return { kind, rate, gamma: 0.9, epochs: 1 };
    case 'cosine':
      return { kind, rate, warmUpSteps: warmUp };
  }
}
