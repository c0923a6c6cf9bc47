/** @file Every choice of a fine-tuning for annotation, with its default and the reason for it. */

import { z } from 'zod';
import {
  completeSettings,
  fineTuningFields,
  heldOutFields,
  type Some,
  size,
} from '../fine-tuning/settings.ts';

/** Choices that decide what is learnt; they are kept in the annotator and in the run's `config.json`. */
export const annotateSettingsSchema = z.strictObject({
  ...fineTuningFields,
  ...heldOutFields,
  /** Passes over the reference; `auto` makes small references pass more often, see {@link epochsFor}. */
  epochs: z.union([z.literal('auto'), size]),
  /** Cells of a batch; `auto` takes smaller batches of very small references, see {@link batchSizeFor}. */
  batchSize: z.union([z.literal('auto'), size]),
  /** The most genes the model reads, those that vary most in the reference. */
  genes: size,
  /**
   * How far rare classes are shown more often than they occur: a class of n cells is shown in proportion to
   * n^(1 - balance). 0 shows cells as often as they are, 1 all classes equally often.
   */
  balance: z.number().min(0).max(1),
  /** Share of each class that is held out to choose the epoch, to calibrate and to set the threshold. */
  validationShare: z.number().gt(0).lt(1),
});

export type AnnotateSettings = Readonly<z.infer<typeof annotateSettingsSchema>>;

/** Defaults: what was best on held-out cells of the references of `docs/annotation.md`. */
export const annotateDefaults: AnnotateSettings = {
  epochs: 'auto',
  batchSize: 'auto',
  learningRate: 1e-3,
  schedule: 'cosine',
  dropout: 0.2,
  genes: 3000,
  balance: 0.5,
  validationShare: 0.1,
  patience: 6, // of references of 500 to 600 cells, which pass 30 times, no better epoch came after a longer wait
  freeze: 'none',
  clipNorm: 1,
  fromScratch: false,
  seed: 0,
};

/** The published recipe (Cui et al. 2024, Methods, "Fine-tuning on cell type annotation", and its notebook). */
export const publishedRecipe: AnnotateSettings = {
  ...annotateDefaults,
  epochs: 10,
  batchSize: 32,
  learningRate: 1e-4,
  schedule: 'step',
  balance: 0,
  patience: null,
};

/** Any of them, the rest as they are by default. */
export type SomeSettings = Some<AnnotateSettings>;

/**
 * The settings of a call: what is said, else the defaults.
 *
 * @throws UsageError naming what does not fit
 */
export function annotateSettings(
  said: SomeSettings,
  base: AnnotateSettings = annotateDefaults,
): AnnotateSettings {
  return completeSettings(said, base, annotateSettingsSchema, 'annotation settings');
}

/** Cells that all epochs together show, where the reference is small; a head from random weights needs about so many. */
const shownCells = 20_000;
const fewestEpochs = 4;
const mostEpochs = 30;

/** The epochs of a fine-tuning on so many cells. */
export function epochsFor({ epochs }: Pick<AnnotateSettings, 'epochs'>, cells: number): number {
  if (epochs !== 'auto') return epochs;
  return Math.min(mostEpochs, Math.max(fewestEpochs, Math.ceil(shownCells / Math.max(1, cells))));
}

/** Updates that a head from random weights needs: of 307 cells, 760 updates learnt what 200 had not. */
const fewestUpdates = 480;
const smallestBatch = 8;
const usualBatch = 32;

/** Cells of a batch of a fine-tuning on so many cells. */
export function batchSizeFor(
  settings: Pick<AnnotateSettings, 'batchSize' | 'epochs'>,
  cells: number,
): number {
  if (settings.batchSize !== 'auto') return settings.batchSize;
  const affordable = Math.floor((cells * epochsFor(settings, cells)) / fewestUpdates);
  return Math.min(usualBatch, Math.max(smallestBatch, affordable));
}
