/** @file Every choice of a pre-training run, with its default and the reason for it. */

import { z } from 'zod';
import type { Schedule } from '../../train/schedule.ts';
import { freezePattern } from '../../train/trainable.ts';

const size = z.int().min(1);
const share = z.number().gt(0).lt(1);

/** The size of a new model. */
export const modelSizeSchema = z.object({
  /** Width of every token's embedding. Default 64; the published models have 512. */
  embeddingSize: size,
  /** Default 4 layers; the published models have 12. */
  layers: size,
  /** Default 2; the published models have 8. */
  heads: size,
  /** Width inside the feed-forward blocks. Default: the embedding size, as in the published models. */
  hiddenSize: size,
});

export type ModelSize = Readonly<z.infer<typeof modelSizeSchema>>;

/** Choices of a run. They decide its result and are in its `config.json`. */
export const pretrainSettingsSchema = z.strictObject({
  epochs: size,
  /** Cells of a batch. */
  batchSize: size,
  /** Batches whose gradients are averaged before an update: the batch is then this many times larger. */
  accumulate: size,
  learningRate: z.number().gt(0),
  schedule: z.enum(['cosine', 'linear', 'step', 'constant']),
  /** Updates over which the rate rises to its full height; `auto` is a twentieth of all, 10,000 at the most. */
  warmUpSteps: z.union([z.literal('auto'), z.int().min(0)]),
  weightDecay: z.number().min(0),
  /** Largest norm of the gradient. */
  clipNorm: z.number().gt(0),
  dropout: z.number().min(0).lt(1),
  /** Shares of genes to predict; each batch draws one of them. The published models had 0.25, 0.5 and 0.75. */
  ratios: z.array(share).min(1).readonly(),
  /** Most tokens of a cell, `<cls>` included; genes beyond are sampled anew in each epoch. Default: the model's. */
  maxLength: z.int().min(3),
  /** Value bins of a new model, zero included. */
  bins: z.int().min(2),
  /** How tied values are binned; midpoints lie between the values that the model's table has. */
  binning: z.enum(['left', 'random']),
  /** Whether cells are also generated from their own embedding, in a second pass. It doubles the time. */
  cellPrompted: z.boolean(),
  /**
   * Weight of the contrast between both halves of each cell (CCE); 0 for none, as in the published recipe of
   * pre-training. Without it a small model learns the means of genes long before it learns to tell cells apart.
   */
  cce: z.number().min(0),
  /** Share of cells that is held out to tell when to stop. */
  validationShare: share,
  /** Column of obs whose groups, such as donors, are held out as a whole; null holds out single cells. */
  groupKey: z.string().nullable(),
  /** Epochs without improvement after which to stop. */
  patience: size.nullable(),
  seed: z.int().min(0),
  /** Compute attention probabilities again in the backward pass: less memory, somewhat more time. */
  recompute: z.boolean(),
  /**
   * What is held fixed of a model that training goes on from: `none`; its `body`; all but `low-rank` factors beside its
   * weights (LoRA); or all but its last layers (`last-2`).
   */
  freeze: z.string().regex(freezePattern),
  /** Rank of the low-rank factors. */
  loraRank: size,
  /** Their product counts `loraAlpha / loraRank` times. */
  loraAlpha: z.number().gt(0),
});

export type PretrainSettings = Readonly<z.infer<typeof pretrainSettingsSchema>>;

/** Defaults: the recipe of the bundled model, see docs/pretraining-study.md. */
export const pretrainDefaults: PretrainSettings = {
  epochs: 10,
  batchSize: 32,
  accumulate: 1,
  learningRate: 1e-3,
  schedule: 'cosine',
  warmUpSteps: 'auto',
  weightDecay: 0,
  clipNorm: 1,
  dropout: 0,
  ratios: [0.25, 0.5, 0.75],
  maxLength: 600,
  bins: 51,
  binning: 'left',
  cellPrompted: false,
  cce: 10,
  validationShare: 0.05,
  groupKey: null,
  patience: null,
  seed: 0,
  recompute: false,
  freeze: 'none',
  loraRank: 8,
  loraAlpha: 16,
};

/** The size of a new model where nothing else is asked for: learns from some thousand cells in hours on two cores. */
export const defaultSize: ModelSize = { embeddingSize: 64, layers: 4, heads: 2, hiddenSize: 64 };

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
