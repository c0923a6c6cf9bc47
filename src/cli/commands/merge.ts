/** @file `scgpt merge`: joins the parts that `scgpt embed --shard i/n` wrote. */

import type { CommandDeclaration } from '../command.ts';
import { flag, outputOption } from '../options.ts';

const options = {
  output: outputOption,
  force: flag('--force', 'overwrite an existing output'),
};

export const mergeCommand: CommandDeclaration<typeof options> = {
  name: 'merge',
  description: 'Join the parts of a sharded run into one file, cells in their original order.',
  operands: [['<parts...>', 'the outputs of every shard, in any order']],
  options,
  examples: ['scgpt merge part-*.h5ad -o embedded.h5ad'],
  async run(parts, settings, context) {
    const { mergeShards } = await import('../../tasks/merge.ts');
    const merged = await mergeShards(parts, { ...settings, ...context });
    return {
      text: `${settings.output}: ${merged.cells} cells from ${merged.shards} parts`,
      json: { output: settings.output, ...merged },
    };
  },
};
