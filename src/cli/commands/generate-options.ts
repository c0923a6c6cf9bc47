/** @file Options that generation commands share. */

import { z } from 'zod';
import {
  cellSourceOptions,
  deviceOptions,
  forceOption,
  modelOptions,
  option,
  outputOption,
  positive,
  seedOption,
  wholeNumber,
} from '../options.ts';

export const tuningOptions = {
  train: option(
    '--no-train',
    'use the model as it is, without fine-tuning on the cells',
    z.boolean().default(true),
  ),
  epochs: option('--epochs <n>', 'passes over the cells (default: 4)', wholeNumber(1).optional()),
  learningRate: option('--learning-rate <rate>', 'highest rate (default: 0.0003)', positive.optional()),
  seed: seedOption,
};

export const generationOptions = {
  output: outputOption,
  genes: option(
    '--genes <list or file>',
    'genes to generate, with commas between them, or a text file with one a line (default: all of the data that are not given)',
    z.string().optional(),
  ),
  steps: option(
    '--steps <n>',
    'steps of the generation: the largest answers of each join what is known',
    wholeNumber(1).default(1),
  ),
  ...modelOptions,
  ...tuningOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};
