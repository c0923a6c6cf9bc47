/** @file `scgpt info`: what a model folder or a data file is, and what embedding it will cost here. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { deviceOptions, option } from '../options.ts';

const options = {
  model: option(
    '-m, --model <folder>',
    'model to match a data file with (default: the bundled model)',
    z.string().optional(),
  ),
  layer: option('--layer <name>', 'layer to look at instead of X', z.string().optional()),
  geneColumn: option('--gene-column <name>', 'var column with gene names, or `index`', z.string().optional()),
  ...deviceOptions,
};

export const infoCommand: CommandDeclaration<typeof options> = {
  name: 'info',
  description:
    'Describe a model folder or a data file: parameters, vocabulary, values, gene match, expected time and memory.',
  operands: [['<path>', 'a model folder or any data file scgpt reads']],
  options,
  examples: ['scgpt info scGPT_human', 'scgpt info cells.h5ad -m scGPT_human'],
  async run([path], settings, context) {
    const { inspect } = await import('../../tasks/inspect/inspect.ts');
    const found = await inspect(path, { ...settings, ...context });
    return { text: found.lines.join('\n'), json: found.facts };
  },
};
