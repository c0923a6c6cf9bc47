/** @file `scgpt integrate`: cells of several batches in, one embedding in which they mix out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { integrateText } from '../integrate-text.ts';
import {
  cellSourceOptions,
  deviceOptions,
  flag,
  forceOption,
  modelOptions,
  option,
  outputOption,
  positive,
  reportOptions,
  seedOption,
  share,
  weight,
  wholeNumber,
} from '../options.ts';

const options = {
  output: outputOption,
  batchKey: option('--batch-key <name>', 'obs column of batches', z.string().default('batch')),
  ...modelOptions,
  recipe: option(
    '--recipe <name>',
    "neighbours: ours, minutes on two cores; published: the paper's GEP, GEPC, ECS, DAR and DSBN, hours (default: neighbours)",
    z.enum(['neighbours', 'published']).optional(),
  ),
  zeroShot: flag('--zero-shot', 'embed with the model as it is'),
  fromScratch: option('--from-scratch', 'begin with random weights', z.boolean().optional()),
  labelKey: option(
    '--label-key <name>',
    'obs column of cell types, for scoring and colours only: nothing is chosen by it',
    z.string().optional(),
  ),
  methods: option(
    '--methods <list>',
    'plain methods to score beside: pca, scaled-pca, harmony, scaled-harmony, scanorama, mnn, harmonised-components, vae; or all (default: pca,harmony,harmonised-components)',
    z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .optional(),
  ),
  baselines: option('--no-baselines', 'no scores and no plain methods', z.boolean().default(true)),
  epochs: option(
    '--epochs <n>',
    'passes over the cells (default: by their number)',
    wholeNumber(1).optional(),
  ),
  batchSize: option(
    '--batch-size <cells>',
    'cells of a training batch (default: 64)',
    wholeNumber(2).optional(),
  ),
  learningRate: option(
    '--learning-rate <rate>',
    'highest rate (default: by the recipe)',
    positive.optional(),
  ),
  genes: option('--genes <n>', 'variable genes that are read (default: 1200)', wholeNumber(2).optional()),
  maxLength: option(
    '--max-length <tokens>',
    'most tokens of a cell in training (default: by the recipe)',
    wholeNumber(2).optional(),
  ),
  dropout: option('--dropout <share>', 'dropout in training (default: by the recipe)', share.optional()),
  freeze: option(
    '--freeze <what>',
    'what to hold fixed: none, body, low-rank, or all but the last layers (last-2)',
    z.string().optional(),
  ),
  jointWeight: option(
    '--joint-weight <weight>',
    'what the cell embedding counts for beside harmonised components; 0 gives it alone',
    weight.optional(),
  ),
  corrected: option(
    '--corrected [how]',
    'write corrected expression of the genes that took part as layers/scgpt_corrected: neighbours (default) or decoded by the model',
    z
      .union([z.literal(true).transform(() => 'neighbours' as const), z.enum(['neighbours', 'decoded'])])
      .optional(),
  ),
  resolution: option('--resolution <r>', 'of Leiden clusters (default: 1)', positive.optional()),
  seed: seedOption,
  run: option('--run <folder>', 'keep log and checkpoints of the fine-tuning here', z.string().optional()),
  resume: flag('--resume', 'go on with the run in the run folder'),
  saveModel: option('--save-model <folder>', 'keep the fine-tuned model', z.string().optional()),
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const integrateCommand: CommandDeclaration<typeof options> = {
  name: 'integrate',
  description: 'Integrate batches: writes the input with an embedding in which they mix, clusters and a map.',
  operands: [['<data...>', 'h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv; several are joined on genes']],
  options,
  examples: [
    'scgpt integrate cells.h5ad --batch-key donor -o integrated.h5ad --report report.html',
    'scgpt integrate a.h5ad b.h5ad -o both.h5ad --label-key cell_type',
    'scgpt integrate cells.h5ad --batch-key donor --corrected -o integrated.h5ad',
    'scgpt integrate cells.h5ad -m scGPT_human --recipe published -o integrated.h5ad',
  ],
  async run(inputs, settings, context) {
    const { integrateFiles } = await import('../../tasks/integrate/files.ts');
    const done = await integrateFiles(inputs, { ...settings, ...context });
    return { text: integrateText(done), json: done };
  },
};
