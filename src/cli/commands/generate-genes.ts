/** @file `scgpt generate genes`: some genes of each cell in, others out. */

import type { CommandDeclaration } from '../command.ts';
import { generateText } from '../generate-text.ts';
import { geneList, generationOptions } from './generate-options.ts';

const options = {
  ...generationOptions,
  given: geneList(
    '--given <list>',
    'genes that the model sees, by comma, or a file with one a line (default: all of the data that are not generated)',
  ),
};

export const generateGenesCommand: CommandDeclaration<typeof options> = {
  name: 'genes',
  description:
    'Generate genes from the other genes of each cell: what they would be where they are expressed.',
  operands: [['<data...>', 'counts: h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv']],
  options,
  examples: [
    'scgpt generate genes cells.h5ad --genes CD4,FOXP3 -o generated.h5ad',
    'scgpt generate genes cells.h5ad --given panel.txt --genes wanted.txt --steps 5 -o generated.h5ad',
  ],
  async run(inputs, settings, context) {
    const { generateFiles } = await import('../../tasks/generate/generate-files.ts');
    const done = await generateFiles(inputs, { ...settings, ...context, from: 'genes' });
    return { text: generateText(done), json: done };
  },
};
