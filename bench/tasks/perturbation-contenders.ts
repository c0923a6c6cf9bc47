/** @file What predicts unseen perturbations in the benchmark: plug another in by adding it to one of the lists. */

import { perturbationBaselines } from '../../src/analysis/perturbation/baselines/list.ts';
import { contextBaselines } from '../../src/analysis/perturbation/contexts/baselines.ts';
import { similarContexts } from '../../src/analysis/perturbation/contexts/similar-contexts.ts';
import type { ContextContender, KnockOutContender, KnockOutSplit } from './contenders.ts';
import { scgptContexts, scgptKnockOuts } from './scgpt-perturbation.ts';

/** The benchmark has single knock-outs alone, of which the additive baseline says the train mean. */
const knownEqual = new Set(['additive']);

const baselinesOf = ({ sets, perturbed }: Pick<KnockOutSplit, 'sets' | 'perturbed'>) =>
  perturbationBaselines({ sets }, perturbed).filter(({ id }) => !knownEqual.has(id));

const plain: readonly KnockOutContender[] = baselinesOf({
  sets: [{ name: '', description: '', genes: ['A', 'B'] }], // only ids and names are looked at here
  perturbed: ['A', 'B'],
}).map(({ id, name }) => ({
  id,
  name,
  seeded: false,
  async run(split, asked) {
    const predictor = baselinesOf(split)
      .find((method) => method.id === id)!
      .fit(split.training);
    return asked.map((genes) => predictor.predict(genes));
  },
}));

export const knockOutContenders: readonly KnockOutContender[] = [...plain, ...scgptKnockOuts];

const plainContexts: readonly ContextContender[] = [...contextBaselines, similarContexts].map((method) => ({
  id: method.id,
  name: method.name,
  seeded: false,
  run: async ({ training, control }) => method.fit(training).predict(control),
}));

export const contextContenders: readonly ContextContender[] = [...plainContexts, ...scgptContexts];
