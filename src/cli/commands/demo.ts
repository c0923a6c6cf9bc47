/** @file `scgpt demo`: the main job on bundled cells, with nothing to prepare. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { embedText } from '../embed-text.ts';
import { deviceOptions, flag, option } from '../options.ts';

const options = {
  output: option('-o, --output <folder>', 'folder for the results', z.string().default('scgpt-demo')),
  keep: flag('--keep', 'fail instead of replacing the results of an earlier demo'),
  ...deviceOptions,
};

export const demoCommand: CommandDeclaration<typeof options> = {
  name: 'demo',
  description: 'Embed the bundled cells and write an h5ad and an HTML report with the model beside PCA.',
  operands: [],
  options,
  examples: ['scgpt demo', 'scgpt demo -o results'],
  async run(_operands, settings, context) {
    const { runDemo } = await import('../../tasks/demo.ts');
    const done = await runDemo({ ...settings, ...context });
    return { text: embedText(done), json: done };
  },
};
