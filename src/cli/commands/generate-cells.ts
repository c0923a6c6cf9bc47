/** @file `scgpt generate cells`: cell embeddings in, whole profiles out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { generateText } from '../generate-text.ts';
import { names, option } from '../options.ts';
import { generationOptions } from './generate-options.ts';

const options = {
  ...generationOptions,
  labelKey: option(
    '--label-key <name>',
    'obs column: one profile for each of its labels, from the mean embedding (default: one for each cell)',
    z.string().optional(),
  ),
  labels: option('--labels <name...>', 'some of the labels (default: all)', names.optional()),
};

export const generateCellsCommand: CommandDeclaration<typeof options> = {
  name: 'cells',
  description: 'Generate whole profiles from embeddings of cells, or of cell types and conditions.',
  operands: [['<data...>', 'counts: h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv']],
  options,
  examples: [
    'scgpt generate cells cells.h5ad --label-key cell_type --steps 10 -o profiles.h5ad',
    'scgpt generate cells cells.h5ad --label-key condition --labels control stimulated -o profiles.h5ad',
  ],
  async run(inputs, settings, context) {
    const [{ generateFiles }, { geneList }] = await Promise.all([
      import('../../tasks/generate/generate-files.ts'),
      import('../../tasks/gene-list.ts'),
    ]);
    const genes = settings.genes === undefined ? undefined : await geneList(settings.genes);
    const done = await generateFiles(inputs, { ...settings, ...context, genes, from: 'cell' });
    return { text: generateText(done), json: done };
  },
};
