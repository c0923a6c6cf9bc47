/** @file `scgpt grn programs`: gene programs from gene embeddings, beside those of co-expression. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { grnProgramsText } from '../grn-text.ts';
import {
  cellSourceOptions,
  deviceOptions,
  flag,
  forceOption,
  modelOptions,
  option,
  positive,
  reportOptions,
  seedOption,
  wholeNumber,
} from '../options.ts';

const options = {
  ...modelOptions,
  output: option(
    '-o, --output <folder>',
    'where tables, network and cells are written',
    z.string('is required'),
  ),
  source: option(
    '--source <what>',
    'tokens: the model without cells; cells: embeddings of genes inside these cells; combined: those and principal components',
    z.enum(['tokens', 'cells', 'combined']).default('combined'),
  ),
  geneSets: option(
    '--gene-sets <file>',
    'test programs for gene sets of this GMT file',
    z.string().optional(),
  ),
  groupBy: option('--group-by <column>', 'obs column: mean scores of its groups', z.string().optional()),
  eachGroup: flag('--each-group', 'find programs in the cells of each of those groups too'),
  genes: option('--genes <n>', 'most variable genes', wholeNumber(30).default(1200)),
  cells: option('--cells <n>', 'most cells to read', wholeNumber(10).default(2000)),
  neighbours: option(
    '--neighbours <n>',
    'most similar genes that each is joined with',
    wholeNumber(1).default(15),
  ),
  resolution: option('--resolution <x>', 'higher gives more and smaller programs', positive.default(5)),
  threshold: option(
    '--threshold <x>',
    'least similarity of an edge of the network',
    z.coerce.number('must be a number').default(0.5),
  ),
  permutations: option('--permutations <n>', 'draws of random genes', wholeNumber(19).default(999)),
  seed: seedOption,
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const grnProgramsCommand: CommandDeclaration<typeof options> = {
  name: 'programs',
  description: 'Find programs of genes that are alike, score them in cells and test them for gene sets.',
  operands: [['<data>', 'cells in any format that is read']],
  options,
  examples: [
    'scgpt grn programs pbmc.h5ad --gene-sets reactome.gmt --group-by cell_type -o programs --report report.html',
    'scgpt grn programs pbmc.h5ad --source cells --group-by cell_type --each-group -o programs',
    'scgpt grn programs pbmc.h5ad --source tokens --resolution 20 -o programs',
  ],
  async run([data], settings, context) {
    const { geneProgramFiles } = await import('../../tasks/grn/programs-files.ts');
    const done = await geneProgramFiles(data, { ...settings, ...context });
    return { text: grnProgramsText(done), json: done };
  },
};
