/** @file `scgpt embed`: cells in, cell embeddings out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { embedText } from '../embed-text.ts';
import {
  cellFiles,
  cellSourceOptions,
  deviceOptions,
  embeddingSizeOptions,
  filesKeyOption,
  flag,
  forceOption,
  modelOptions,
  option,
  outputOption,
  wholeNumber,
} from '../options.ts';

const options = {
  output: outputOption,
  ...modelOptions,
  batchKey: filesKeyOption('inputs'),
  maxLength: option(
    '--max-length <tokens>',
    'longest cell in tokens; genes beyond it are sampled (default: as the model was trained, 1200)',
    wholeNumber(2).optional(),
  ),
  binning: option(
    '--binning <mode>',
    'how tied values are binned: left, random or midpoint',
    z.enum(['left', 'random', 'midpoint']).default('left'),
  ),
  seed: option('--seed <n>', 'seed of sampling and of random binning', wholeNumber(0).default(0)),
  ...embeddingSizeOptions,
  precision: option(
    '--precision <name>',
    'f32, or int8: faster, with a small drift',
    z.enum(['f32', 'int8']).default('f32'),
  ),
  genes: flag('--genes', 'also write gene embeddings to varm/X_scGPT'),
  shard: option(
    '--shard <i/n>',
    'embed only part i of n, for job arrays; join the parts with `scgpt merge`',
    z
      .string()
      .regex(/^\d+\/\d+$/, 'must look like 2/8')
      .optional(),
  ),
  report: option(
    '--report <file>',
    'write an HTML report with the model beside its baseline',
    z.string().optional(),
  ),
  colorBy: option(
    '--color-by <name>',
    'obs column the report colours cells by (default: the first cell-type-like column)',
    z.string().optional(),
  ),
  baseline: option('--no-baseline', 'leave the PCA baseline out of the report', z.boolean().default(true)),
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const embedCommand: CommandDeclaration<typeof options> = {
  name: 'embed',
  description: 'Embed cells: writes the input with obsm/X_scGPT added.',
  operands: [cellFiles('data')],
  options,
  examples: [
    'scgpt embed cells.h5ad -o embedded.h5ad',
    'scgpt embed cells.h5ad -m scGPT_human -o embedded.h5ad --report report.html',
    'scgpt embed plate1.h5ad plate2.h5ad --batch-key plate -o both.h5ad --precision int8',
  ],
  async run(inputs, { genes, precision, ...settings }, context) {
    const { embedFiles } = await import('../../tasks/embed/files.ts');
    const done = await embedFiles(inputs, {
      ...settings,
      ...context,
      geneEmbeddings: genes,
      precision: precision === 'int8' ? 'int8' : 'float32',
    });
    return { text: embedText(done), json: done };
  },
};
