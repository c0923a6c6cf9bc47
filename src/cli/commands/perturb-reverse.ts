/** @file `scgpt perturb reverse`: which perturbations lead from one state of cells to another. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { cellSourceOptions, deviceOptions, flag, forceOption, option, reportOptions } from '../options.ts';
import { perturbReverseText } from '../perturb-text.ts';

const options = {
  model: option('-m, --model <folder>', 'a folder that `scgpt perturb train` wrote', z.string('is required')),
  output: option('-o, --output <file>', 'where to write the ranking: .csv', z.string('is required')),
  stateKey: option('--state-key <name>', 'obs column that tells states', z.string('is required')),
  from: option('--from <state>', 'where cells are', z.string('is required')),
  to: option('--to <state>', 'where they are to go', z.string('is required')),
  perturbations: option(
    '-p, --perturbations <list>',
    'perturbations to choose from: A,B+C (default: those of the screen)',
    z.string().optional(),
  ),
  pairs: flag('--pairs', 'try pairs of single perturbations, too'),
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const perturbReverseCommand: CommandDeclaration<typeof options> = {
  name: 'reverse',
  description: 'Rank perturbations by how well they explain the difference between two states of cells.',
  operands: [['<cells>', 'cells of both states']],
  options,
  examples: [
    'scgpt perturb reverse cells.h5ad -m screen-model --state-key state --from healthy --to inflamed -o ranked.csv --report report.html',
  ],
  async run([cells], settings, context) {
    const [{ reversePerturbationFiles }, { perturbationsTyped }] = await Promise.all([
      import('../../tasks/perturb/reverse-files.ts'),
      import('../../tasks/perturb/questions.ts'),
    ]);
    const perturbations =
      settings.perturbations === undefined ? undefined : perturbationsTyped(settings.perturbations);
    const done = await reversePerturbationFiles({ ...settings, ...context, cells, perturbations });
    return { text: perturbReverseText(done), json: done };
  },
};
