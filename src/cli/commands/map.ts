/** @file `scgpt map`: labels for query cells from the nearest cells of a reference, without training. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { mapText } from '../map-text.ts';
import {
  cellFiles,
  cellSourceOptions,
  deviceOptions,
  embeddingSizeOptions,
  filesKeyOption,
  flag,
  forceOption,
  modelOptions,
  names,
  option,
  outputOption,
  rejectOption,
  reportOptions,
  wholeNumber,
} from '../options.ts';

const options = {
  reference: option(
    '--reference <file>',
    'labelled cells of any format, or a reference saved by --save-reference',
    z.string('is required'),
  ),
  label: option(
    '-l, --label <column...>',
    'obs columns of the reference with labels (default: those of a saved reference)',
    names.optional(),
  ),
  unlabelled: option(
    '--unlabelled <value...>',
    'values of these columns that mean no label, such as unknown',
    names.optional(),
  ),
  output: outputOption,
  ...modelOptions,
  saveReference: option(
    '--save-reference <file>',
    'also save labels, embedding and thresholds of the reference, for other queries: .h5ad or .zarr',
    z.string().optional(),
  ),
  neighbours: option(
    '--neighbours <n>',
    'reference cells that vote on a query cell, by 1 / distance',
    wholeNumber(1).default(15),
  ),
  genes: option(
    '--genes <which>',
    'shared: the model sees genes that both sides have; all: whatever each side has',
    z.enum(['shared', 'all']).default('shared'),
  ),
  reject: rejectOption,
  truth: option(
    '--truth <column...>',
    'obs columns of the query with true labels, one for each --label: only scored against',
    names.optional(),
  ),
  baselines: option('--no-baselines', 'fit no simple methods beside the model', z.boolean().default(true)),
  search: option(
    '--search <method>',
    'exact, approximate (needs usearch), or auto: exact up to 200,000 reference cells',
    z.enum(['auto', 'exact', 'approximate']).default('auto'),
  ),
  embedAgain: flag('--embed-again', 'embed the reference even if it comes with its embedding'),
  batchKey: filesKeyOption('queries'),
  maxLength: option(
    '--max-length <tokens>',
    'longest cell in tokens; genes beyond it are sampled (default: as the reference, else as the model was trained)',
    wholeNumber(2).optional(),
  ),
  seed: option(
    '--seed <n>',
    'seed of sampling (default: that of the reference, else 0)',
    wholeNumber(0).optional(),
  ),
  ...embeddingSizeOptions,
  precision: option(
    '--precision <name>',
    'f32, or int8: faster, with a small drift (default: that of the reference, else f32)',
    z.enum(['f32', 'int8']).optional(),
  ),
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const mapCommand: CommandDeclaration<typeof options> = {
  name: 'map',
  description: 'Label cells by the nearest cells of a labelled reference, without training.',
  operands: [cellFiles('query')],
  options,
  examples: [
    'scgpt map query.h5ad --reference atlas.h5ad --label cell_type -o mapped.h5ad',
    'scgpt map query.h5ad --reference atlas.h5ad --label cell_type --save-reference index.h5ad -o mapped.h5ad',
    'scgpt map other.h5ad --reference index.h5ad -o mapped.h5ad --truth cell_type',
  ],
  async run(queries, { label, precision, ...settings }, context) {
    const { mapFiles } = await import('../../tasks/map/files.ts');
    const done = await mapFiles(queries, {
      ...settings,
      ...context,
      labels: label,
      precision: precision === undefined ? undefined : precision === 'int8' ? 'int8' : 'float32',
    });
    return { text: mapText(done), json: done };
  },
};
