/** @file `scgpt perturb screen`: every gene of a list perturbed in the user's own cells, ranked by its effect. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { forceOption, option } from '../options.ts';
import { perturbPredictText } from '../perturb-text.ts';
import { predictionOptions } from './perturb-options.ts';

const options = {
  ...predictionOptions,
  genes: option(
    '--genes <list or file>',
    'genes with commas between them, or a text file with one a line',
    z.string('is required'),
  ),
  force: forceOption,
};

export const perturbScreenCommand: CommandDeclaration<typeof options> = {
  name: 'screen',
  description:
    'Perturb every gene of a list as the screen did, in your own cells, and rank them by their effect.',
  operands: [],
  options,
  examples: [
    'scgpt perturb screen -m screen-model --genes STAT1,JAK2,IRF1 --cells mine.h5ad -o ranked.h5ad',
    'scgpt perturb screen -m screen-model --genes kinases.txt --report report.html -o ranked.h5ad',
  ],
  async run(_, settings, context) {
    const [{ predictPerturbationFiles }, { geneList }] = await Promise.all([
      import('../../tasks/perturb/predict-files.ts'),
      import('../../tasks/gene-list.ts'),
    ]);
    const genes = await geneList(settings.genes);
    const done = await predictPerturbationFiles({
      ...settings,
      ...context,
      perturbations: genes.map((gene) => [gene]),
      ranked: true,
    });
    return { text: perturbPredictText(done), json: done };
  },
};
