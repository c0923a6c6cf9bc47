/** @file Every choice of a multi-omic fine-tuning, with its default and the reason for it. */

import { z } from 'zod';
import {
  completeSettings,
  fineTuningFields,
  heldOutFields,
  type Some,
  size,
} from '../fine-tuning/settings.ts';

const weight = z.number().min(0);

/** Choices that decide what is learnt. */
export const multiomeSettingsSchema = z.strictObject({
  ...fineTuningFields,
  ...heldOutFields,
  /** Passes over the cells; `auto` makes small sets pass more often. */
  epochs: z.union([z.literal('auto'), size]),
  batchSize: size,
  /** The most genes the model reads: those that vary most. */
  genes: size,
  /** The most proteins or peaks the model reads. */
  features: size,
  /** Which peaks: those open in most cells, or those whose presence varies most. */
  featureChoice: z.enum(['accessibility', 'variability']),
  /** Whether a peak's value is its presence, or binned as genes are. Proteins are binned. */
  peakValues: z.enum(['binary', 'binned']),
  /** Most tokens of a cell in training, `<cls>` included; tokens beyond are sampled anew in each epoch. */
  maxLength: z.int().min(2),
  maskRatio: z.number().min(0).lt(1),
  /** Weights of GEP, GEPC, DAR (with batches only) and of neighbour embedding, ours. */
  gep: weight,
  gepc: weight,
  dar: weight,
  neighbours: weight,
  /** What the cell embedding counts for beside each modality's components; 0 leaves it out. */
  jointWeight: weight,
});

export type MultiomeSettings = Readonly<z.infer<typeof multiomeSettingsSchema>>;

/** As integration has them (decision 7); features and lengths so that a batch takes a second. */
export const multiomeDefaults: MultiomeSettings = {
  epochs: 'auto',
  batchSize: 64,
  learningRate: 1e-3,
  schedule: 'cosine',
  dropout: 0,
  genes: 1200,
  features: 2000,
  featureChoice: 'variability',
  peakValues: 'binary',
  maxLength: 200,
  maskRatio: 0.4,
  gep: 0.01,
  gepc: 0.01,
  dar: 0,
  neighbours: 1,
  jointWeight: 0.4,
  validationShare: 0.1,
  patience: null,
  freeze: 'none',
  clipNorm: 1,
  fromScratch: false,
  seed: 0,
};

/** Any of the settings, the rest as the defaults have them. */
export type SomeMultiomeSettings = Some<MultiomeSettings>;

/** @throws UsageError naming what does not fit */
export function multiomeSettings(said: SomeMultiomeSettings): MultiomeSettings {
  return completeSettings(said, multiomeDefaults, multiomeSettingsSchema, 'multi-omic settings');
}
