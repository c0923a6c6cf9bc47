/** @file Options that generation commands share. */

import { z } from 'zod';
import { cellSourceOptions, deviceOptions, flag, modelOptions, option, wholeNumber } from '../options.ts';

const list = z.string().transform((text) => text.split(',').map((part) => part.trim()));

/** One gene or several, or a file of them. */
export const geneList = (flags: string, help: string) => option(flags, help, list.optional());

export const tuningOptions = {
  train: option(
    '--no-train',
    'use the model as it is, without fine-tuning on the cells',
    z.boolean().default(true),
  ),
  epochs: option('--epochs <n>', 'passes over the cells (default: 4)', wholeNumber(1).optional()),
  learningRate: option(
    '--learning-rate <rate>',
    'highest rate (default: 0.0003)',
    z.coerce.number('must be a number').gt(0, 'must be above 0').optional(),
  ),
  seed: option('--seed <n>', 'seed of all that is drawn', wholeNumber(0).default(0)),
};

export const generationOptions = {
  output: option('-o, --output <file>', 'where to write: .h5ad or .zarr', z.string('is required')),
  genes: geneList(
    '--genes <list>',
    'genes to generate, by comma, or a file with one a line (default: all of the data that are not given)',
  ),
  steps: option(
    '--steps <n>',
    'steps of the generation: the largest answers of each join what is known',
    wholeNumber(1).default(1),
  ),
  ...modelOptions,
  ...tuningOptions,
  force: flag('--force', 'overwrite existing outputs'),
  ...cellSourceOptions,
  ...deviceOptions,
};
