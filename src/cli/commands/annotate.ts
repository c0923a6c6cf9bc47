/** @file `scgpt annotate`: labels for query cells, learnt by fine-tuning on a labelled reference. */

import { z } from 'zod';
import { annotateDefaults, publishedRecipe } from '../../tasks/annotate/settings.ts';
import { annotateText } from '../annotate-text.ts';
import type { CommandDeclaration } from '../command.ts';
import {
  cellFiles,
  cellSourceOptions,
  deviceOptions,
  filesKeyOption,
  flag,
  forceOption,
  modelOptions,
  names,
  number,
  option,
  outputOption,
  positive,
  rejectOption,
  reportOptions,
  share,
  wholeNumber,
} from '../options.ts';

/** An option without a default here: a recipe has it. */
const choice = <Schema extends z.ZodType>(flags: string, help: string, schema: Schema, standard?: unknown) =>
  option(flags, standard === undefined ? help : `${help} (default: ${standard})`, schema.optional());

const options = {
  reference: choice('--reference <file>', 'labelled cells to learn from', z.string()),
  label: choice('-l, --label <column>', 'obs column of the reference with the labels', z.string()),
  output: outputOption,
  annotator: choice(
    '--annotator <folder>',
    'label with a saved annotator instead of a reference',
    z.string(),
  ),
  saveAnnotator: choice('--save-annotator <folder>', 'keep the annotator for other queries', z.string()),
  ...modelOptions,
  unlabelled: choice('--unlabelled <value...>', 'values of the label column that mean no label', names),
  parentLabel: choice(
    '--parent-label <column>',
    'obs column of the reference with broader labels',
    z.string(),
  ),
  harmonise: choice(
    '--harmonise <table>',
    'csv or tsv of two columns, labels as they are and as they are to be, for reference and truth',
    z.string(),
  ),
  head: option(
    '--head <which>',
    'who labels: stacked, the fine-tuned model together with logistic regression and nearest centroid; scgpt, the model alone',
    z.enum(['stacked', 'scgpt']).default('stacked'),
  ),
  reject: rejectOption,
  majorityVote: flag('--majority-vote', 'also let clusters of the query vote on their label'),
  truth: choice(
    '--truth <column>',
    'obs column of the query with true labels: only scored against',
    z.string(),
  ),
  baselines: option('--no-baselines', 'fit no simple methods beside the model', z.boolean().default(true)),
  recipe: option(
    '--recipe <name>',
    `where the options below start from: ours, or published (rate ${publishedRecipe.learningRate}, ${publishedRecipe.epochs} epochs, x 0.9 each)`,
    z.enum(['ours', 'published']).default('ours'),
  ),
  fromScratch: flag('--from-scratch', 'begin with random weights'),
  epochs: choice('--epochs <n>', 'passes over the reference', wholeNumber(1), 'by its size'),
  batchSize: choice(
    '--batch-size <cells>',
    'cells of a batch',
    wholeNumber(1),
    '32, fewer where the reference is very small',
  ),
  learningRate: choice(
    '--learning-rate <rate>',
    'highest rate of Adam',
    positive,
    annotateDefaults.learningRate,
  ),
  schedule: choice(
    '--schedule <kind>',
    'how the rate changes: step, cosine or constant',
    z.enum(['step', 'cosine', 'constant']),
    annotateDefaults.schedule,
  ),
  dropout: choice('--dropout <share>', 'share of activations dropped', share, annotateDefaults.dropout),
  genes: choice(
    '--genes <n>',
    'genes that the model reads, those that vary most in the reference',
    wholeNumber(1),
    annotateDefaults.genes,
  ),
  balance: choice(
    '--balance <share>',
    'show rare classes more often: 0 as they are, 1 all equally often',
    number.min(0, 'must be at least 0').max(1, 'must be at most 1'),
    annotateDefaults.balance,
  ),
  validation: choice(
    '--validation <share>',
    'share of each class held out',
    share.gt(0, 'must be above 0'),
    annotateDefaults.validationShare,
  ),
  patience: choice(
    '--patience <epochs>',
    'stop after so many without improvement on held-out cells; 100 for never',
    wholeNumber(1),
    annotateDefaults.patience,
  ),
  freeze: choice(
    '--freeze <what>',
    'train less than all: body (only the head is), last-<k> layers, or low-rank',
    z
      .string()
      .regex(/^(none|body|low-rank|last-\d+)$/, 'must be none, body, low-rank, or last-2 and the like'),
    annotateDefaults.freeze,
  ),
  seed: choice(
    '--seed <n>',
    'seed of weights, order, dropout and held-out cells',
    wholeNumber(0),
    annotateDefaults.seed,
  ),
  run: choice('--run <folder>', 'keep log and checkpoints of the fine-tuning here', z.string()),
  resume: flag('--resume', 'go on with the run in the run folder'),
  batchKey: filesKeyOption('queries'),
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const annotateCommand: CommandDeclaration<typeof options> = {
  name: 'annotate',
  description: 'Label cells by a model that is fine-tuned on a labelled reference.',
  operands: [cellFiles('query')],
  options,
  examples: [
    'scgpt annotate query.h5ad --reference atlas.h5ad --label cell_type -o annotated.h5ad',
    'scgpt annotate query.h5ad --reference atlas.h5ad --label cell_type --save-annotator blood-types -o annotated.h5ad',
    'scgpt annotate other.h5ad --annotator blood-types -o annotated.h5ad',
    'scgpt annotate query.h5ad --reference atlas.h5ad --label cell_type --recipe published --head scgpt -o annotated.h5ad',
  ],
  async run(queries, { recipe, validation, ...settings }, context) {
    const { annotateFiles } = await import('../../tasks/annotate/files.ts');
    const said = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    const done = await annotateFiles(queries, {
      ...(recipe === 'published' ? publishedRecipe : {}),
      ...(validation === undefined ? {} : { validationShare: validation }),
      ...(said as typeof settings),
      ...context,
    });
    return { text: annotateText(done), json: done };
  },
};
