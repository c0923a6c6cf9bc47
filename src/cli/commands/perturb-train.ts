/** @file `scgpt perturb train`: a screen in, a model of what perturbations do out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import {
  cellSourceOptions,
  deviceOptions,
  flag,
  forceOption,
  modelOptions,
  names,
  option,
  positive,
  reportOptions,
  seedOption,
  wholeNumber,
} from '../options.ts';
import { perturbTrainText } from '../perturb-text.ts';

const options = {
  output: option('-o, --output <folder>', 'where to write the model', z.string('is required')),
  conditionKey: option(
    '--condition-key <name>',
    'obs column of conditions, such as control, A+ctrl, A+B (default: the first known one)',
    z.string().optional(),
  ),
  control: option(
    '--control <value>',
    'its value of unperturbed cells (default: by the usual words)',
    z.string().optional(),
  ),
  unassigned: option('--unassigned <value...>', 'other values of it that are left out', names.optional()),
  batchKey: option(
    '--batch-key <name>',
    'obs column of batches: cells are compared within them',
    z.string().optional(),
  ),
  contextKey: option(
    '--context-key <name>',
    'obs column of contexts, such as cell types',
    z.string().optional(),
  ),
  ...modelOptions,
  geneSets: option(
    '--gene-sets <file>',
    'GMT file of gene sets: which perturbed genes belong together',
    z.string().optional(),
  ),
  reference: flag(
    '--reference',
    'train as the reference does: random pairs of single cells, chosen by raw correlation',
  ),
  epochs: option(
    '--epochs <n>',
    'most looks at what is held out (default: 4 for unseen perturbations, 15 for unseen contexts)',
    wholeNumber(1).optional(),
  ),
  stepsOfEpoch: option(
    '--steps-of-epoch <n>',
    'updates between looks (default: 10)',
    wholeNumber(1).optional(),
  ),
  batchSize: option('--batch-size <pairs>', 'pairs of a batch (default: 16)', wholeNumber(1).optional()),
  averaged: option(
    '--averaged <cells>',
    'cells whose mean is learnt from; 1 learns from single cells (default: 32)',
    wholeNumber(1).optional(),
  ),
  learningRate: option('--learning-rate <rate>', 'highest rate (default: 0.001)', positive.optional()),
  folds: option(
    '--folds <n>',
    'groups of perturbations that are held out in turn (default: 3)',
    wholeNumber(2).optional(),
  ),
  maxLength: option(
    '--max-length <genes>',
    'most genes that see one another (default: 1200)',
    wholeNumber(2).optional(),
  ),
  targetSum: option(
    '--target-sum <n>',
    'what counts of a cell are brought to before log(1 + x) (default: 10000)',
    positive.optional(),
  ),
  freeze: option(
    '--freeze <what>',
    'what to hold fixed: none, body, or all but the last layers (last-2)',
    z.string().optional(),
  ),
  seed: seedOption,
  run: option('--run <folder>', 'keep logs and checkpoints of the fine-tuning here', z.string().optional()),
  resume: flag('--resume', 'go on with the run in the run folder'),
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const perturbTrainCommand: CommandDeclaration<typeof options> = {
  name: 'train',
  description:
    'Learn a screen: fine-tunes the model and tells what its predictions of unseen perturbations are worth.',
  operands: [['<data...>', 'h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv']],
  options,
  examples: [
    'scgpt perturb train screen.h5ad --condition-key condition --batch-key batch -o screen-model --report report.html',
    'scgpt perturb train screen.h5ad --control non-targeting --gene-sets reactome.gmt -o screen-model',
    'scgpt perturb train drug.h5ad --condition-key condition --context-key cell_type -o drug-model',
  ],
  async run(inputs, settings, context) {
    const { trainPerturbationFiles } = await import('../../tasks/perturb/train-files.ts');
    const done = await trainPerturbationFiles(inputs, { ...settings, ...context });
    return { text: perturbTrainText(done), json: done };
  },
};
