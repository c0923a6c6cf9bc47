/** @file Runs and scores imputation and panel completion, by `benchmarks/imputation.md`. */

import type { IncompleteExpression } from '../../src/analysis/imputation/incomplete-expression.ts';
import { imputationMethods } from '../../src/analysis/imputation/methods.ts';
import { panelMethods } from '../../src/analysis/imputation/panel/methods.ts';
import { type PanelScores, panelScores } from '../../src/analysis/imputation/panel/scores.ts';
import {
  type ImputationScores,
  imputationScores,
  predictEntries,
} from '../../src/analysis/imputation/scores.ts';
import { openDevice } from '../../src/runtime/device.ts';
import { fitDropouts, holdOut, imputedValues } from '../../src/tasks/generate/dropouts.ts';
import { tuneGenerative, tuningDefaults } from '../../src/tasks/generate/fine-tuning.ts';
import type { ModelReading } from '../../src/tasks/generate/model-values.ts';
import { completePanel, generatedGenes } from '../../src/tasks/generate/panel.ts';
import { openModel } from '../../src/tasks/model.ts';
import {
  type HiddenEntrySet,
  hiddenEntrySet,
  hiddenEntrySets,
  type PanelSet,
  panelSet,
  panelSets,
} from './imputation-sets.ts';
import type { RunPlan } from './run.ts';

type Scores = Readonly<Record<string, number>>;

/** A way to impute and to complete panels. */
export interface ImputationContender {
  readonly id: string;
  readonly name: string;
  readonly seeded: boolean;
  /** Absent where it does not take part. */
  readonly hidden?: (set: HiddenEntrySet, seed: number) => Promise<ImputationScores>;
  readonly panel?: (set: PanelSet, seed: number) => Promise<PanelScores>;
}

export const imputationSets: readonly string[] = [...hiddenEntrySets, ...panelSets];

const plain: readonly ImputationContender[] = [
  ...imputationMethods.map((method) => ({
    id: method.id,
    name: method.name,
    seeded: false,
    hidden: async ({ expression, entries }: HiddenEntrySet) =>
      imputationScores(entries, predictEntries(await method.fit(expression), entries)),
  })),
  ...panelMethods.map((method) => ({
    id: `panel-${method.id}`,
    name: method.name,
    seeded: false,
    panel: async ({ reference, query, truth }: PanelSet) =>
      panelScores(await method.fit(reference, query), truth),
  })),
];

/** The bundled model as it is, or after fine-tuning on what is visible. */
async function readingOf(
  expression: IncompleteExpression,
  seen: readonly string[],
  genes: readonly string[],
  { tuned, seed }: { readonly tuned: boolean; readonly seed: number },
): Promise<ModelReading> {
  const loaded = await openModel();
  const { config, vocabulary } = loaded;
  const where = { device: 'cpu', threads: 1 } as const;
  const model = tuned
    ? (await tuneGenerative(loaded, expression, seen, { ...tuningDefaults, seed }, where)).model
    : { config, vocabulary, parameters: await loaded.parameters() };
  const tokens = new Map(vocabulary.tokens.map((token, id) => [token, id]));
  const tokenIds = Int32Array.from(genes, (gene) => tokens.get(gene) ?? -1);
  return { model, device: await openDevice(where), tokenIds, seed };
}

/** Visible genes first, then hidden ones. */
function panelGenes(genes: readonly string[]) {
  const visible = genes.filter((_, gene) => gene % 2 === 1);
  const hidden = genes.filter((_, gene) => gene % 2 === 0);
  return { visible, all: [...visible, ...hidden] };
}

function scgpt(tuned: boolean): ImputationContender[] {
  const how = tuned ? 'fine-tuned' : 'zero-shot';
  return [
    {
      id: `scgpt-${how}`,
      name: `scGPT alone, ${how}`,
      seeded: true,
      async panel({ genes, reference, query, truth }, seed) {
        const { visible, all } = panelGenes(genes);
        const reading = await readingOf(reference.visible, visible, all, { tuned, seed });
        return panelScores(await generatedGenes(reading).fit(reference, query), truth);
      },
    },
    {
      id: `scgpt-stacked-${how}`,
      name: `scGPT with plain methods, ${how}`,
      seeded: true,
      async hidden({ genes, expression, entries }, seed) {
        const inner = await holdOut(expression, seed);
        const reading = await readingOf(inner.expression, genes, genes, { tuned, seed });
        const imputer = await fitDropouts(inner, reading);
        const hidden = await imputedValues(expression, reading, imputer, entries.hidden);
        const zeros = await imputedValues(expression, reading, imputer, entries.zeros);
        return imputationScores(entries, { hidden, zeros });
      },
      async panel({ genes, reference, query, truth }, seed) {
        const { visible, all } = panelGenes(genes);
        const reading = await readingOf(reference.visible, visible, all, { tuned, seed });
        return panelScores((await completePanel(reference, query, reading)).rows, truth);
      },
    },
  ];
}

const stackedPlain: ImputationContender = {
  id: 'plain-stacked',
  name: 'plain methods, stacked',
  seeded: true,
  async hidden({ expression, entries }, seed) {
    const imputer = await fitDropouts(await holdOut(expression, seed), null);
    const hidden = await imputedValues(expression, null, imputer, entries.hidden);
    return imputationScores(entries, {
      hidden,
      zeros: await imputedValues(expression, null, imputer, entries.zeros),
    });
  },
  async panel({ reference, query, truth }) {
    return panelScores((await completePanel(reference, query, null)).rows, truth);
  },
};

export const imputationContenders: readonly ImputationContender[] = [
  ...plain,
  stackedPlain,
  ...scgpt(false),
  ...scgpt(true),
];

/** Runs what is missing of a set. */
export async function runImputation(
  set: string,
  contenders: readonly ImputationContender[],
  shared: string,
  { files, runs, seeds, again, rescore, report }: RunPlan,
): Promise<void> {
  const isPanel = panelSets.includes(set);
  let hidden: HiddenEntrySet | undefined;
  let panel: PanelSet | undefined;
  for (const { id, name, seeded, ...ways } of contenders) {
    if ((isPanel ? ways.panel : ways.hidden) === undefined) continue;
    for (const seed of seeded ? seeds : seeds.slice(0, 1)) {
      const key = { set, method: id, seed, fold: 0 };
      if (!again && !rescore && runs.find(key) !== undefined) continue;
      if (isPanel) panel ??= await panelSet(set, files, shared);
      else hidden ??= await hiddenEntrySet(set, files, shared);
      const started = performance.now();
      const scores =
        panel === undefined
          ? entryScores(await ways.hidden!(hidden!, seed))
          : ofPanel(await ways.panel!(panel, seed));
      const seconds = (performance.now() - started) / 1000;
      const cells = panel?.query.cells ?? hidden?.expression.cells ?? 0;
      runs.save({ ...key, name, seconds, cells, scores });
      const [[score, value]] = Object.entries(scores);
      report(`${set}, seed ${seed}: ${name}, ${score} ${value.toFixed(3)}, ${seconds.toFixed(1)} s`);
    }
  }
}

/** Under the names of the stored scores. */
function entryScores(scores: ImputationScores): Scores {
  return {
    pearson_per_cell: scores.pearsonPerCell,
    spearman_per_cell: scores.spearmanPerCell,
    auroc_nonzero_per_cell: scores.aurocPerCell,
    mse: scores.mse,
    mse_per_cell: scores.msePerCell,
    mse_after_linear_fit: scores.mseAfterLinearFit,
    pearson_pooled: scores.pearsonPooled,
    pearson_per_gene: scores.pearsonPerGene,
  };
}

function ofPanel(scores: PanelScores): Scores {
  return {
    pearson_per_gene: scores.pearsonPerGene,
    spearman_per_gene: scores.spearmanPerGene,
    pearson_per_cell: scores.pearsonPerCell,
    mse: scores.mse,
    auroc_nonzero_per_cell: scores.aurocPerCell,
  };
}
