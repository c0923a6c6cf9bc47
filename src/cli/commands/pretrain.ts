/** @file `scgpt pretrain`: cells in, a model that generates expression out. */

import { z } from 'zod';
import { defaultSize, pretrainDefaults } from '../../tasks/pretrain/settings.ts';
import type { CommandDeclaration } from '../command.ts';
import { byteSize, deviceOptions, flag, option, wholeNumber } from '../options.ts';
import { planText, pretrainText } from '../pretrain-text.ts';

const number = z.coerce.number('must be a number');
const share = number.gt(0, 'must be above 0').lt(1, 'must be below 1');
const positive = number.gt(0, 'must be above 0');

/** An option without a default here: the task has it, or the run that is resumed. */
const choice = <Schema extends z.ZodType>(flags: string, help: string, schema: Schema, standard?: unknown) =>
  option(flags, standard === undefined ? help : `${help} (default: ${standard})`, schema.optional());

const options = {
  output: option('-o, --output <folder>', 'the model folder to write', z.string('is required')),
  dryRun: flag('--dry-run', 'read the data, tell memory and time, and write nothing'),
  init: choice('--init <model>', 'go on from this model folder instead of random weights', z.string()),
  run: choice('--run <folder>', 'where settings, log and checkpoints go', z.string(), '<output>.run'),
  resume: flag(
    '--resume',
    'go on with the run in the run folder, as if it had never stopped; options need not be repeated',
  ),
  layer: choice('--layer <name>', 'layer to read instead of X; `raw` reads adata.raw', z.string()),
  geneColumn: choice(
    '--gene-column <name>',
    'var column with gene names, or `index`',
    z.string(),
    'the best matching',
  ),
  conditionKey: choice(
    '--condition-key <name...>',
    'obs columns (or var columns) whose values become condition tokens of cells (or genes)',
    z.union([z.array(z.string()), z.string().transform((name) => [name])]),
  ),
  organism: choice(
    '--organism <name>',
    'human, or mouse to map genes through orthologues',
    z.enum(['human', 'mouse']),
    'human',
  ),
  minCells: choice('--min-cells <n>', 'genes in fewer cells get no token', wholeNumber(1), 1),
  embeddingSize: choice(
    '--embedding-size <n>',
    'width of a new model',
    wholeNumber(1),
    defaultSize.embeddingSize,
  ),
  layers: choice('--layers <n>', 'layers of a new model', wholeNumber(1), defaultSize.layers),
  heads: choice('--heads <n>', 'attention heads of a new model', wholeNumber(1), defaultSize.heads),
  hiddenSize: choice('--hidden-size <n>', 'feed-forward width of a new model', wholeNumber(1), 'its width'),
  epochs: choice('--epochs <n>', 'passes over the cells', wholeNumber(1), pretrainDefaults.epochs),
  batchSize: choice(
    '--batch-size <cells>',
    'cells of a batch, or auto: as many as --memory allows, 64 at the most',
    z.union([z.literal('auto'), wholeNumber(1)], 'must be auto or a whole number of at least 1'),
    pretrainDefaults.batchSize,
  ),
  memory: choice(
    '--memory <size>',
    'upper bound for --batch-size auto, such as 8GB',
    byteSize,
    'half of free memory',
  ),
  accumulate: choice(
    '--accumulate <batches>',
    'batches averaged before an update',
    wholeNumber(1),
    pretrainDefaults.accumulate,
  ),
  learningRate: choice(
    '--learning-rate <rate>',
    'highest learning rate of Adam',
    positive,
    pretrainDefaults.learningRate,
  ),
  schedule: choice(
    '--schedule <kind>',
    'how the rate changes: cosine, linear, step or constant',
    z.enum(['cosine', 'linear', 'step', 'constant']),
    pretrainDefaults.schedule,
  ),
  dropout: choice(
    '--dropout <share>',
    'share of activations that is dropped',
    number.min(0, 'must be at least 0').lt(1, 'must be below 1'),
    pretrainDefaults.dropout,
  ),
  maskRatios: choice(
    '--mask-ratios <shares>',
    'shares of genes to predict; each batch draws one',
    z
      .string()
      .transform((text): unknown[] => text.split(','))
      .pipe(z.array(share)),
    pretrainDefaults.ratios,
  ),
  maxLength: choice(
    '--max-length <tokens>',
    'most tokens of a cell',
    wholeNumber(3),
    `that of --init, else ${pretrainDefaults.maxLength}`,
  ),
  cce: choice(
    '--cce <weight>',
    'weight of the contrast between halves of a cell, which makes embeddings tell cells apart; 0: none',
    z.coerce.number('must be a number').min(0, 'must be at least 0'),
    pretrainDefaults.cce,
  ),
  cellPrompt: choice(
    '--cell-prompt',
    'also generate cells from their embeddings: a second pass, twice the time',
    z.boolean(),
  ),
  validation: choice(
    '--validation <share>',
    'share of cells held out',
    share,
    pretrainDefaults.validationShare,
  ),
  groupKey: choice(
    '--group-key <name>',
    'obs column, such as the donor, whose groups are held out as a whole',
    z.string(),
  ),
  patience: choice(
    '--patience <epochs>',
    'stop after this many epochs without improvement',
    wholeNumber(1),
    'never',
  ),
  recompute: choice('--recompute', 'compute attention twice to save memory', z.boolean()),
  freeze: choice(
    '--freeze <what>',
    'with --init, train less than all: none (all is trained), body (heads are), last-<k> (layers and heads are) or low-rank (LoRA)',
    z
      .string()
      .regex(/^(none|body|low-rank|last-\d+)$/, 'must be none, body, low-rank, or last-2 and the like'),
    pretrainDefaults.freeze,
  ),
  loraRank: choice(
    '--lora-rank <n>',
    'rank for --freeze low-rank',
    wholeNumber(1),
    pretrainDefaults.loraRank,
  ),
  loraAlpha: choice(
    '--lora-alpha <n>',
    'scale for --freeze low-rank: what is added counts alpha / rank times',
    positive,
    pretrainDefaults.loraAlpha,
  ),
  dtype: option(
    '--dtype <type>',
    'weights as float32 or float16',
    z.enum(['float32', 'float16']).default('float32'),
  ),
  seed: choice(
    '--seed <n>',
    'seed of weights, order, masks and dropout',
    wholeNumber(0),
    pretrainDefaults.seed,
  ),
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
    'scgpt pretrain blood.h5ad -o blood-model --dry-run',
    'scgpt pretrain shards/ -o my-model --embedding-size 256 --layers 6 --epochs 20 --group-key donor',
    'scgpt pretrain tissue.h5ad --init scGPT_human -o tissue-model --learning-rate 1e-4 --freeze low-rank',
    'scgpt pretrain blood.h5ad -o blood-model --condition-key assay donor',
    'scgpt pretrain blood.h5ad -o blood-model --resume',
  ],
  async run(
    inputs,
    { dryRun, maskRatios: ratios, conditionKey: conditionKeys, cellPrompt, validation, ...settings },
    context,
  ) {
    const { planPretraining, pretrainFiles } = await import('../../tasks/pretrain/files.ts');
    const all = {
      ...settings,
      ...context,
      ratios,
      conditionKeys,
      cellPrompted: cellPrompt,
      validationShare: validation,
    };
    if (dryRun) {
      const plan = await planPretraining(inputs, all);
      return { text: planText(plan), json: plan };
    }
    const done = await pretrainFiles(inputs, all);
    return { text: pretrainText(done), json: done };
  },
};
