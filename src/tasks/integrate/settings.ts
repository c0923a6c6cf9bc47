/** @file Every choice of a fine-tuning for integration, with its default and the reason for it. */

import { z } from 'zod';
import { UsageError } from '../../support/errors.ts';
import {
  completeSettings,
  fineTuningFields,
  heldOutFields,
  type Some,
  size,
} from '../fine-tuning/settings.ts';

const weight = z.number().min(0);

/** Choices that decide what is learnt; they are kept in the result and in the run's `config.json`. */
export const integrateSettingsSchema = z.strictObject({
  ...fineTuningFields,
  ...heldOutFields,
  /** Passes over the cells; `auto` makes small sets pass more often, see {@link epochsFor}. */
  epochs: z.union([z.literal('auto'), size]),
  /** Cells of a batch. */
  batchSize: size,
  /** The most genes the model reads: those that vary most within batches. */
  genes: size,
  /** Most tokens of a cell in training, `<cls>` included; genes beyond are sampled anew in each epoch. */
  maxLength: z.int().min(2),
  /** Whether genes without counts are tokens. */
  includeZeros: z.boolean(),
  /** Each value's probability to be hidden. */
  maskRatio: z.number().min(0).lt(1),
  /** Weight of predicting hidden values from their tokens (GEP). */
  gep: weight,
  /** Weight of predicting them from the cell embedding (GEPC). */
  gepc: weight,
  /** Weight of elastic cell similarity (ECS), with threshold 0.8. */
  ecs: weight,
  /** Weight of domain adaptation by reversed gradients (DAR). */
  dar: weight,
  /** Whether each batch has a batch normalisation of its own (DSBN) and decoders see the batch. */
  batchNorm: z.boolean(),
  /**
   * Weight of neighbour embedding: cells are to be as alike as in the harmonised components of their expression, where
   * batches are mixed. Ours.
   */
  neighbours: weight,
  /**
   * What the fine-tuned cell embedding counts for beside the harmonised components in the joint embedding; 0 leaves the
   * cell embedding as it is the only result.
   */
  jointWeight: weight,
});

export type IntegrateSettings = Readonly<z.infer<typeof integrateSettingsSchema>>;

/** Our recipe: what was best by the label-free score, see docs/integration.md. */
export const neighbourRecipe: IntegrateSettings = {
  epochs: 'auto',
  batchSize: 64,
  learningRate: 1e-3,
  schedule: 'cosine',
  dropout: 0,
  genes: 1200,
  maxLength: 200,
  includeZeros: false,
  maskRatio: 0.4,
  gep: 0.01,
  gepc: 0.01,
  ecs: 0,
  dar: 0,
  batchNorm: false,
  neighbours: 1,
  jointWeight: 0.25,
  validationShare: 0.1,
  patience: null,
  freeze: 'none',
  clipNorm: 1,
  fromScratch: false,
  seed: 0,
};

/** The published recipe (Cui et al. 2024, Methods, "Fine-tuning on batch correction", and its notebook). */
export const publishedRecipe: IntegrateSettings = {
  ...neighbourRecipe,
  epochs: 15,
  learningRate: 1e-4,
  schedule: 'step',
  dropout: 0.2,
  maxLength: 1201,
  includeZeros: true,
  gep: 1,
  gepc: 1,
  ecs: 10,
  dar: 1,
  batchNorm: true,
  neighbours: 0,
  jointWeight: 0,
};

export const recipes = { neighbours: neighbourRecipe, published: publishedRecipe } as const;

/** A name of {@link recipes}. */
export type Recipe = keyof typeof recipes;

/** Any of the settings, the rest as the recipe has them. */
export type SomeSettings = Some<IntegrateSettings>;

/**
 * The settings of a call: what is said, else those of the recipe.
 *
 * @throws UsageError naming what does not fit
 */
export function integrateSettings(said: SomeSettings, recipe: Recipe = 'neighbours'): IntegrateSettings {
  const settings = completeSettings(said, recipes[recipe], integrateSettingsSchema, 'integration settings');
  const { batchNorm, neighbours } = settings;
  if (batchNorm && neighbours > 0) {
    throw new UsageError({
      what: 'batches of training would hold cells of one batch for its normalisation, and of all batches to learn neighbours from',
      where: 'integration settings',
      expected: 'batchNorm, or a weight of neighbours above 0, not both',
      reason: 'settings',
    });
  }
  return settings;
}

/** Updates after which little changes, and the passes that more cells take at least. */
const enoughSteps = 160;
const fewestEpochs = 3;
const mostEpochs = 40;

/** The epochs of a fine-tuning whose epochs have so many updates. */
export function epochsFor({ epochs }: Pick<IntegrateSettings, 'epochs'>, stepsOfEpoch: number): number {
  if (epochs !== 'auto') return epochs;
  return Math.min(mostEpochs, Math.max(fewestEpochs, Math.ceil(enoughSteps / stepsOfEpoch)));
}
