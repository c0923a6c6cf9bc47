/** @file `scgpt generate cells`: new cells of each cell type or condition. */

import { z } from 'zod';
import { UsageError } from '../../support/errors.ts';
import type { CommandDeclaration } from '../command.ts';
import { generateCellsText, generateText } from '../generate-text.ts';
import { flag, names, option, reportOptions, wholeNumber } from '../options.ts';
import { generationOptions } from './generate-options.ts';

const options = {
  labelKey: option(
    '--label-key <name>',
    'obs column: cells are generated of each of its labels (needed but with --zero-shot, where the default is one profile for each cell)',
    z.string().optional(),
  ),
  labels: option('--labels <name...>', 'some of the labels (default: all)', names.optional()),
  cells: option('--cells <n>', 'new cells of each label', wholeNumber(1).default(100)),
  zeroShot: flag(
    '--zero-shot',
    'one profile for each label, from the mean embedding of its cells, by the model as it is, in --steps; of --genes, if given',
  ),
  ...generationOptions,
  ...reportOptions,
};

export const generateCellsCommand: CommandDeclaration<typeof options> = {
  name: 'cells',
  description:
    'Generate new cells of cell types or conditions: embeddings drawn around those of the label, counts decoded from them; held-out cells tell what it is worth.',
  operands: [['<data...>', 'counts: h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv']],
  options,
  examples: [
    'scgpt generate cells cells.h5ad --label-key cell_type --cells 200 -o generated.h5ad --report report.html',
    'scgpt generate cells cells.h5ad --label-key condition --labels control stimulated -o generated.h5ad',
    'scgpt generate cells cells.h5ad --zero-shot --label-key cell_type --steps 10 -o profiles.h5ad',
  ],
  async run(inputs, settings, context) {
    const { labelKey, zeroShot, genes, steps, ...rest } = settings;
    if (zeroShot) {
      const [{ generateFiles }, { geneList }] = await Promise.all([
        import('../../tasks/generate/generate-files.ts'),
        import('../../tasks/gene-list.ts'),
      ]);
      const wanted = genes === undefined ? undefined : await geneList(genes);
      const done = await generateFiles(inputs, {
        ...rest,
        ...context,
        labelKey,
        steps,
        genes: wanted,
        train: false,
        from: 'cell',
      });
      return { text: generateText(done), json: done };
    }
    const only = [...(genes === undefined ? [] : ['--genes']), ...(steps === 1 ? [] : ['--steps'])];
    if (only.length > 0) {
      throw new UsageError({
        what: `${only.join(' and ')} can be given with --zero-shot alone: new cells have all genes of the data, decoded at once`,
        where: only[0],
      });
    }
    if (labelKey === undefined) {
      throw new UsageError({
        what: 'it is not said which cells are to be generated',
        where: '--label-key',
        expected: 'the obs column of cell types or conditions',
        reason: 'label_key',
      });
    }
    const { generateCellsFiles } = await import('../../tasks/generate/cells-files.ts');
    const done = await generateCellsFiles(inputs, { ...rest, ...context, labelKey });
    return { text: generateCellsText(done), json: done };
  },
};
