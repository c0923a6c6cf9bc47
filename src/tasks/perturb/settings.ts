/** @file Every choice of a fine-tuning on a screen, with its default and the reason for it. */

import { z } from 'zod';
import { geneGroups } from '../../train/perturbation/batches.ts';
import { completeSettings, fineTuningFields, type Some, size } from '../fine-tuning/settings.ts';
import type { Folds } from './folds.ts';

/** Choices that decide what is learnt; they are kept in the model folder. */
export const perturbSettingsSchema = z.strictObject({
  ...fineTuningFields,
  /** Looks at how well it goes, each after `stepsOfEpoch` updates; for `auto` see {@link epochsFor}. */
  epochs: z.union([z.literal('auto'), size]),
  /** Updates between looks; null for as many as a pass over all perturbed cells has, as in the reference. */
  stepsOfEpoch: size.nullable(),
  /** Pairs of a batch. */
  batchSize: size,
  /** How a control is found for perturbed cells: of the same batch and context, or any as in the reference. */
  pairing: z.enum(['matched', 'random']),
  /** Cells whose mean stands for one cell: more take away noise that nothing explains; 1 as in the reference. */
  averaged: size,
  /** What a cell's values add up to before the logarithm. */
  targetSum: z.number().gt(0),
  /** Most genes that see one another; more are predicted in groups of so many. */
  maxLength: z.int().min(2),
  /** Whether perturbed genes are always in the sequence and prediction sees as many genes as training; else genes of a batch are drawn whatever is perturbed and prediction sees all, as in the reference. */
  perturbedAlways: z.boolean(),
  /** Whether every token reads what is known of the perturbed genes, beside the flag on theirs. */
  features: z.boolean(),
  /** Whether the head starts at random, as in the reference, instead of at "no change". */
  randomHead: z.boolean(),
  /** Whether the epoch is chosen by the raw correlation of profiles, as in the reference, instead of that of changes. */
  selection: z.enum(['change', 'profile']),
  /** Whether plain methods take part in the final prediction; else it is the model's alone, as in the reference. */
  together: z.boolean(),
  /** Groups of perturbations that are held out in turn, to choose the epoch and to score honestly. */
  folds: z.int().min(2),
});

export type PerturbSettings = Readonly<z.infer<typeof perturbSettingsSchema>>;

/** Our recipe; see docs/perturbation.md for what was measured. */
export const ourRecipe: PerturbSettings = {
  epochs: 'auto',
  stepsOfEpoch: 10,
  batchSize: 16,
  learningRate: 1e-3,
  schedule: 'cosine',
  dropout: 0,
  pairing: 'matched',
  averaged: 32,
  targetSum: 1e4,
  maxLength: 1200,
  perturbedAlways: true,
  features: true,
  randomHead: false,
  selection: 'change',
  together: true,
  folds: 3,
  freeze: 'none',
  clipNorm: 1,
  fromScratch: false,
  seed: 0,
};

/**
 * The reference's tutorial: one random control cell for each perturbed cell, genes drawn whatever is perturbed, selection
 * by raw correlation. Perturbed genes that are not measured keep a token: there, nothing would tell of them.
 */
export const publishedRecipe: PerturbSettings = {
  ...ourRecipe,
  epochs: 15,
  stepsOfEpoch: null,
  batchSize: 64,
  learningRate: 1e-4,
  schedule: 'step',
  pairing: 'random',
  averaged: 1,
  maxLength: 1536,
  perturbedAlways: false,
  features: false,
  randomHead: true,
  selection: 'profile',
  together: false,
};

/** Unseen perturbations are told worse by a model that knows the seen ones too well. */
const usualEpochs = 4;
/** The same perturbation in other contexts is to be learnt as well as can be. */
const epochsOfContexts = 15;

/** Most looks at what is held out; which of them is kept, held-out answers decide. See docs/perturbation.md for what was measured. */
export function epochsFor({ epochs }: Pick<PerturbSettings, 'epochs'>, heldOut: Folds['by']): number {
  if (epochs !== 'auto') return epochs;
  return heldOut === 'context' ? epochsOfContexts : usualEpochs;
}

/** Genes that are predicted together: as many as training saw, or all. */
export function predictedTogether(
  tokens: Int32Array,
  { maxLength, perturbedAlways, seed }: Pick<PerturbSettings, 'maxLength' | 'perturbedAlways' | 'seed'>,
): readonly Int32Array[] {
  return geneGroups(tokens, perturbedAlways ? maxLength : tokens.length, seed);
}

/** Any of the settings. */
export type SomeSettings = Some<PerturbSettings>;

/** @throws UsageError naming what does not fit */
export function perturbSettings(said: SomeSettings, reference = false): PerturbSettings {
  const base = reference ? publishedRecipe : ourRecipe;
  return completeSettings(said, base, perturbSettingsSchema, 'perturbation settings');
}
