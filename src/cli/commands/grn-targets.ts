/** @file `scgpt grn targets`: targets of regulators by the model's attention. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { grnTargetsText } from '../grn-text.ts';
import {
  cellSourceOptions,
  deviceOptions,
  flag,
  forceOption,
  modelOptions,
  option,
  reportOptions,
  seedOption,
  wholeNumber,
} from '../options.ts';

const options = {
  ...modelOptions,
  output: option('-o, --output <folder>', 'where tables and network are written', z.string('is required')),
  regulators: option(
    '--regulators <list or file>',
    'genes with commas between them, or a text file with one a line',
    z.string('is required'),
  ),
  groupBy: option('--group-by <column>', 'obs column of conditions', z.string().optional()),
  compare: option('--compare <a,b>', 'two conditions; the first less the second', z.string().optional()),
  knownEdges: option(
    '--known-edges <file>',
    'score the ranks by this table of known targets: TRRUST, DoRothEA, CollecTRI, or columns tf and target',
    z.string().optional(),
  ),
  genes: option('--genes <n>', 'most variable genes, beside the regulators', wholeNumber(30).default(600)),
  cells: option('--cells <n>', 'most cells to read of each condition', wholeNumber(10).default(100)),
  top: option('--top <n>', 'targets of each regulator in the network', wholeNumber(1).default(20)),
  modelLayer: option(
    '--model-layer <n>',
    'layer whose attention is read (default: the last)',
    wholeNumber(1).optional(),
  ),
  permutations: option('--permutations <n>', 'shuffles of conditions', wholeNumber(19).default(999)),
  asPublished: flag(
    '--as-published',
    "as the reference's notebook, which loses the first cell of each condition",
  ),
  seed: seedOption,
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const grnTargetsCommand: CommandDeclaration<typeof options> = {
  name: 'targets',
  description:
    'Rank targets of regulators by attention, per condition and between two, beside co-expression.',
  operands: [['<data>', 'cells in any format that is read']],
  options,
  examples: [
    'scgpt grn targets kang.h5ad --regulators STAT1,IRF1 --group-by condition --compare stim,ctrl -o targets',
    'scgpt grn targets pbmc.h5ad --regulators regulators.txt --known-edges trrust.tsv -o targets --report report.html',
  ],
  async run([data], settings, context) {
    const [{ regulatorTargetFiles }, { geneList }] = await Promise.all([
      import('../../tasks/grn/targets-files.ts'),
      import('../../tasks/gene-list.ts'),
    ]);
    const done = await regulatorTargetFiles(data, {
      ...settings,
      ...context,
      regulators: await geneList(settings.regulators),
      compare: settings.compare?.split(',').map((name) => name.trim()),
    });
    return { text: grnTargetsText(done), json: done };
  },
};
