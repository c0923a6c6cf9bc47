/** @file scGPT among the contenders of integration: as it is, fine-tuned, from scratch, by the published recipe. */

import { type Points, pointsOf } from '../../src/analysis/points.ts';
import {
  type IntegrateOptions,
  type IntegrateResult,
  integrate,
} from '../../src/tasks/integrate/integrate.ts';
import { openModel } from '../../src/tasks/model.ts';
import type { IntegrationCells, IntegrationContender } from './contenders.ts';

/** What is shown of a run: its result, or the model's cell embedding by itself. */
type Part = 'integrated' | 'cellEmbedding';

/** A way to run the task, and the contenders that show it. */
interface Way {
  readonly options: Partial<IntegrateOptions>;
  readonly seeded: boolean;
  readonly shown: readonly (readonly [id: string, name: string, part: Part])[];
}

const ways: readonly Way[] = [
  {
    options: { zeroShot: true },
    seeded: false,
    shown: [['scgpt-zero-shot', 'scGPT, zero-shot', 'cellEmbedding']],
  },
  {
    options: {},
    seeded: true,
    shown: [
      ['scgpt', 'scGPT, fine-tuned, with components', 'integrated'],
      ['scgpt-cell', 'scGPT, fine-tuned, cell embedding alone', 'cellEmbedding'],
    ],
  },
  {
    options: { fromScratch: true },
    seeded: true,
    shown: [
      ['scgpt-scratch', 'scGPT, from scratch, with components', 'integrated'],
      ['scgpt-scratch-cell', 'scGPT, from scratch, cell embedding alone', 'cellEmbedding'],
    ],
  },
  {
    options: { recipe: 'published' },
    seeded: true,
    shown: [['scgpt-published', 'scGPT, published recipe', 'cellEmbedding']],
  },
];

/** One run serves all contenders that show it, when they come one after the other. */
function contendersOf({ options, seeded, shown }: Way): IntegrationContender[] {
  let last: { readonly key: string; readonly result: Promise<IntegrateResult> } | undefined;
  const runOf = ({ set, data, batchKey }: IntegrationCells, seed: number): Promise<IntegrateResult> => {
    const key = `${set} ${seed}`;
    if (last?.key !== key) {
      const result = openModel(undefined).then((model) =>
        integrate(data, model, { ...options, batchKey, seed, threads: 1 }),
      );
      last = { key, result };
    }
    return last.result;
  };
  return shown.map(([id, name, part]) => ({
    id,
    name,
    seeded,
    async run(cells, seed): Promise<Points> {
      return pointsOf((await runOf(cells, seed))[part]);
    },
  }));
}

export const scgptIntegration: readonly IntegrationContender[] = ways.flatMap(contendersOf);
