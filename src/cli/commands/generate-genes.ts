/** @file `scgpt generate genes`: some genes of each cell in, others out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { generateText } from '../generate-text.ts';
import { option, reportOptions } from '../options.ts';
import { generationOptions } from './generate-options.ts';

const options = {
  ...generationOptions,
  ...reportOptions,
  given: option(
    '--given <list or file>',
    'genes that the model sees, likewise (default: all of the data that are not generated)',
    z.string().optional(),
  ),
};

export const generateGenesCommand: CommandDeclaration<typeof options> = {
  name: 'genes',
  description:
    'Generate genes from the other genes of each cell, together with plain methods where other cells show them; held-out values tell what it is worth.',
  operands: [['<data...>', 'counts: h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv']],
  options,
  examples: [
    'scgpt generate genes cells.h5ad --genes CD4,FOXP3 -o generated.h5ad --report report.html',
    'scgpt generate genes cells.h5ad --given panel.txt --genes wanted.txt --steps 5 -o generated.h5ad',
  ],
  async run(inputs, settings, context) {
    const [{ generateFiles }, { geneList }] = await Promise.all([
      import('../../tasks/generate/generate-files.ts'),
      import('../../tasks/gene-list.ts'),
    ]);
    const genes = settings.genes === undefined ? undefined : await geneList(settings.genes);
    const given = settings.given === undefined ? undefined : await geneList(settings.given);
    const done = await generateFiles(inputs, { ...settings, ...context, genes, given, from: 'genes' });
    return { text: generateText(done), json: done };
  },
};
