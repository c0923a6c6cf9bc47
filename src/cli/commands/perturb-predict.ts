/** @file `scgpt perturb predict`: what perturbations that nobody has made would change. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { forceOption, option, wholeNumber } from '../options.ts';
import { perturbPredictText } from '../perturb-text.ts';
import { predictionOptions } from './perturb-options.ts';

const options = {
  ...predictionOptions,
  perturbations: option(
    '-p, --perturbations <list>',
    'perturbations with commas between them, genes of a combination with +: A,B+C',
    z.string('is required'),
  ),
  force: forceOption,
  sampledCells: option(
    '--sampled-cells <file>',
    'write single cells as predicted, too: .h5ad or .zarr',
    z.string().optional(),
  ),
  samples: option('--samples <n>', 'sampled cells of each perturbation', wholeNumber(1).default(200)),
};

export const perturbPredictCommand: CommandDeclaration<typeof options> = {
  name: 'predict',
  description: 'Predict expression after perturbations, seen or not: mean, spread and genes that change.',
  operands: [],
  options,
  examples: [
    'scgpt perturb predict -m screen-model -p STAT1,JAK2+IRF1 -o predicted.h5ad --report report.html',
    'scgpt perturb predict -m screen-model -p STAT1 --cells mine.h5ad --context-key cell_type -o predicted.h5ad',
  ],
  async run(_, settings, context) {
    const [{ predictPerturbationFiles }, { perturbationsTyped }] = await Promise.all([
      import('../../tasks/perturb/predict-files.ts'),
      import('../../tasks/perturb/questions.ts'),
    ]);
    const perturbations = perturbationsTyped(settings.perturbations);
    const done = await predictPerturbationFiles({ ...settings, ...context, perturbations });
    return { text: perturbPredictText(done), json: done };
  },
};
