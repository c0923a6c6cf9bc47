/** @file `scgpt pretrain`: cells in, a model that generates expression out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { deviceOptions, flag, option, wholeNumber } from '../options.ts';
import { pretrainText } from '../pretrain-text.ts';

const share = z.coerce.number('must be a number').gt(0, 'must be above 0').lt(1, 'must be below 1');
const positive = z.coerce.number('must be a number').gt(0, 'must be above 0');

const options = {
  output: option('-o, --output <folder>', 'the model folder to write', z.string('is required')),
  init: option(
    '--init <model>',
    'go on from this model folder instead of random weights',
    z.string().optional(),
  ),
  run: option(
    '--run <folder>',
    'where settings, log and checkpoints go (default: <output>.run)',
    z.string().optional(),
  ),
  resume: flag('--resume', 'go on with the run in the run folder, as if it had never stopped'),
  layer: option('--layer <name>', 'layer to read instead of X; `raw` reads adata.raw', z.string().optional()),
  geneColumn: option(
    '--gene-column <name>',
    'var column with gene names, or `index` (default: the best matching)',
    z.string().optional(),
  ),
  conditionKey: option(
    '--condition-key <name...>',
    'obs columns (or var columns) whose values become condition tokens of cells (or genes)',
    z.union([z.array(z.string()), z.string().transform((name) => [name])]).optional(),
  ),
  organism: option(
    '--organism <name>',
    'human, or mouse to map genes through orthologues',
    z.enum(['human', 'mouse']).default('human'),
  ),
  minCells: option('--min-cells <n>', 'genes in fewer cells get no token', wholeNumber(1).default(1)),
  embeddingSize: option(
    '--embedding-size <n>',
    'width of a new model (default: 128)',
    wholeNumber(1).optional(),
  ),
  layers: option('--layers <n>', 'layers of a new model (default: 4)', wholeNumber(1).optional()),
  heads: option('--heads <n>', 'attention heads of a new model (default: 4)', wholeNumber(1).optional()),
  hiddenSize: option(
    '--hidden-size <n>',
    'feed-forward width of a new model (default: its width)',
    wholeNumber(1).optional(),
  ),
  epochs: option('--epochs <n>', 'passes over the cells', wholeNumber(1).default(10)),
  batchSize: option('--batch-size <cells>', 'cells of a batch', wholeNumber(1).default(32)),
  accumulate: option(
    '--accumulate <batches>',
    'batches averaged before an update',
    wholeNumber(1).default(1),
  ),
  learningRate: option('--learning-rate <rate>', 'highest learning rate of Adam', positive.default(1e-3)),
  schedule: option(
    '--schedule <kind>',
    'how the rate changes: cosine, linear, step or constant',
    z.enum(['cosine', 'linear', 'step', 'constant']).default('cosine'),
  ),
  dropout: option(
    '--dropout <share>',
    'share of activations that is dropped',
    z.coerce.number('must be a number').min(0, 'must be at least 0').lt(1, 'must be below 1').default(0.1),
  ),
  maskRatios: option(
    '--mask-ratios <shares>',
    'shares of genes to predict; each batch draws one (default: 0.25,0.5,0.75)',
    z
      .string()
      .transform((text): unknown[] => text.split(','))
      .pipe(z.array(share))
      .optional(),
  ),
  maxLength: option('--max-length <tokens>', 'most tokens of a cell', wholeNumber(3).default(1200)),
  cellPrompt: flag(
    '--cell-prompt',
    'also generate cells from their embeddings: a second pass, twice the time',
  ),
  validation: option('--validation <share>', 'share of cells held out', share.default(0.05)),
  patience: option(
    '--patience <epochs>',
    'stop after this many epochs without improvement (default: never)',
    wholeNumber(1).optional(),
  ),
  recompute: flag('--recompute', 'compute attention twice to save memory'),
  dtype: option(
    '--dtype <type>',
    'weights as float32 or float16',
    z.enum(['float32', 'float16']).default('float32'),
  ),
  seed: option('--seed <n>', 'seed of weights, order, masks and dropout', wholeNumber(0).default(0)),
  force: flag('--force', 'replace an existing model and run'),
  ...deviceOptions,
};

export const pretrainCommand: CommandDeclaration<typeof options> = {
  name: 'pretrain',
  description: 'Pre-train a model on cells: it learns to generate unknown genes from known ones.',
  operands: [['<data...>', 'h5ad, Zarr, 10x h5, 10x mtx folder, csv/tsv, or a folder of shards']],
  options,
  examples: [
    'scgpt pretrain blood.h5ad -o blood-model',
    'scgpt pretrain shards/ -o my-model --embedding-size 256 --layers 6 --epochs 20',
    'scgpt pretrain tissue.h5ad --init scGPT_human -o tissue-model --learning-rate 1e-4',
    'scgpt pretrain blood.h5ad -o blood-model --condition-key assay donor',
    'scgpt pretrain blood.h5ad -o blood-model --resume',
  ],
  async run(
    inputs,
    { maskRatios: ratios, conditionKey: conditionKeys, cellPrompt, validation, ...settings },
    context,
  ) {
    const { pretrainFiles } = await import('../../tasks/pretrain/files.ts');
    const done = await pretrainFiles(inputs, {
      ...settings,
      ...context,
      ratios,
      conditionKeys,
      cellPrompted: cellPrompt,
      validationShare: validation,
    });
    return { text: pretrainText(done), json: done };
  },
};
