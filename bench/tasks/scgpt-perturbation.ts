/** @file scGPT among the contenders of perturbation: the fine-tuned model by itself, and with plain methods beside it. */

import type { Grouping } from '../../src/analysis/groups.ts';
import { openDevice } from '../../src/runtime/device.ts';
import type { GeneSet } from '../../src/single-cell/genes/gene-sets.ts';
import { loadGeneTables } from '../../src/single-cell/genes/load.ts';
import { mapGenes } from '../../src/single-cell/genes/mapping.ts';
import { silent } from '../../src/support/log.ts';
import { openModel } from '../../src/tasks/model.ts';
import { fitScreen } from '../../src/tasks/perturb/fit.ts';
import {
  answer,
  modelId,
  type PerturbationModel,
  type Question,
  stackId,
} from '../../src/tasks/perturb/perturbation-model.ts';
import { type ScreenData, sortedScreen } from '../../src/tasks/perturb/screen-data.ts';
import { perturbSettings, type SomeSettings } from '../../src/tasks/perturb/settings.ts';
import type { ContextContender, ContextSplit, KnockOutContender, KnockOutSplit } from './contenders.ts';

/** What is shown of a fit, and how it is named. */
const shown = [
  ['scgpt', 'scGPT, fine-tuned, alone', modelId],
  ['scgpt-stacked', 'scGPT, fine-tuned, with plain methods', stackId],
] as const;

type Cells = Pick<ScreenData, 'logged' | 'screen' | 'genes' | 'batch' | 'context'>;

async function fitted(
  cells: Cells,
  geneSets: readonly GeneSet[],
  said: SomeSettings,
): Promise<PerturbationModel> {
  const model = await openModel(undefined);
  const { ids } = mapGenes(cells.genes, model.vocabulary, await loadGeneTables(), {});
  const data = await sortedScreen({ ...cells, tokenIds: ids });
  const pretrained = {
    config: model.config,
    vocabulary: model.vocabulary,
    parameters: await model.parameters(),
  };
  const device = await openDevice({ threads: 1 });
  const settings = perturbSettings(said);
  return (await fitScreen(data, pretrained, { device, settings, geneSets, logger: silent })).learnt;
}

/** Profiles that a fit predicts: of what is asked, on top of the mean of its context's control cells. */
async function profiles(
  learnt: PerturbationModel,
  questions: readonly Question[],
  predictor: string,
  control: Float64Array,
): Promise<Float64Array[]> {
  const answers = await answer(learnt, questions, await openDevice({ threads: 1 }));
  return answers.map(({ changes }) => {
    const change = changes.get(predictor) as Float64Array;
    return control.map((value, gene) => value + change[gene]);
  });
}

/** One fit serves both contenders where they come one after the other. */
function shared<Split>(
  learn: (split: Split, seed: number) => Promise<PerturbationModel>,
  keyOf: (split: Split) => string,
) {
  const fits = new Map<string, Promise<PerturbationModel>>();
  return (split: Split, seed: number): Promise<PerturbationModel> => {
    const key = `${seed} ${keyOf(split)}`;
    const found = fits.get(key) ?? learn(split, seed);
    fits.set(key, found);
    return found;
  };
}

const grouping = (name: string, values: readonly (string | null)[]): Grouping => {
  const groups = [...new Set(values)].filter((value) => value !== null).sort();
  return {
    name,
    groups,
    codes: Int32Array.from(values, (value) => (value === null ? -1 : groups.indexOf(value))),
  };
};

const knockOutFit = shared(
  (split: KnockOutSplit, seed) =>
    fitted(
      {
        logged: split.expression,
        screen: { column: 'condition', conditions: split.conditions, codes: split.codes, control: 0 },
        genes: split.training.genes,
        batch: grouping('batch', split.batches),
        context: null,
      },
      split.sets,
      { seed },
    ),
  ({ codes }) => codes.join(''),
);

export const scgptKnockOuts: readonly KnockOutContender[] = shown.map(([id, name, predictor]) => ({
  id,
  name,
  seeded: true,
  async run(split, asked, seed) {
    const questions = asked.map((names) => ({ names: [...names].sort(), context: 'all cells' }));
    return profiles(await knockOutFit(split, seed), questions, predictor, split.training.control);
  },
}));

/** The cells of a held-out type are of no condition but the control. */
const contextFit = shared(
  ({ expression, genes, types, codes }: ContextSplit, seed) =>
    fitted(
      {
        logged: expression,
        screen: {
          column: 'condition',
          conditions: [
            { name: 'ctrl', genes: [] },
            { name: 'stim', genes: ['stim'] },
          ],
          codes: codes.map((code) => (code < 0 ? -1 : code % 2)),
          control: 0,
        },
        genes,
        batch: null,
        context: {
          name: 'cell_type',
          groups: types,
          codes: codes.map((code) => (code < 0 ? -1 : code >> 1)),
        },
      },
      [],
      { seed, maxLength: 600, averaged: 16, batchSize: 8 },
    ),
  ({ heldOut }) => String(heldOut),
);

export const scgptContexts: readonly ContextContender[] = shown.map(([id, name, predictor]) => ({
  id,
  name,
  seeded: true,
  async run(split, seed) {
    const question = { names: ['stim'], context: split.types[split.heldOut] };
    const [profile] = await profiles(await contextFit(split, seed), [question], predictor, split.control);
    return profile;
  },
}));
