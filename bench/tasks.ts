/**
 * @file Integration, annotation, unseen types and unseen perturbations: our methods beside other tools' stored scores on the same cells.
 *
 * Definitions are those of `benchmarks/integration.md`, `annotation.md`, `perturbation.md`, `imputation.md` and `gene-programs.md`: the same rows, genes, values and scores.
 * Labels of integration sets and of query cells are used for scoring only; contenders are not given them. Runs are kept
 * in a folder and not repeated; tables show all runs that are there. After a change to a method, run it with --again.
 *
 * Usage: npm run bench:tasks -- [--only symphony_pbmc_3tech,symphony_5p,symphony_5p~B]: some sets; default all
 *        [--methods pca,harmony]: methods to run by id, or `none` for tables alone; default all
 *        [--seeds 0,1,2]: default 0,1,2, of methods that draw
 *        [--results bench/results/tasks]: where runs are kept
 *        [--rescore]: score kept outputs again; [--again]: run again
 *        [--out scores.json]: all runs of the sets in one file
 *        [--document docs/tasks.md]: put the tables into its sections bench:integration, bench:annotation, bench:unseen,
 *        bench:perturbation, bench:contexts, bench:imputation, bench:panels, bench:gene-programs
 *        [--shared ../shared]: the folder with `data` and `benchmarks`; also SCGPT_SHARED
 */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../src/support/errors.ts';
import { updateDocument } from './support/document.ts';
import { markdownTable } from './support/table.ts';
import { annotationTasks, unseenTasks } from './tasks/annotation-tasks.ts';
import { annotationContenders, integrationContenders } from './tasks/built-in.ts';
import { BenchmarkFiles } from './tasks/files.ts';
import { geneProgramSets } from './tasks/gene-program-sets.ts';
import { geneProgramColumns, geneProgramContenders, runGenePrograms } from './tasks/gene-programs.ts';
import { imputationContenders, imputationSets, runImputation } from './tasks/imputation.ts';
import { hiddenEntrySets, panelSets } from './tasks/imputation-sets.ts';
import { integrationSets } from './tasks/integration-sets.ts';
import { multiomicsColumns, multiomicsContenders, runMultiomics } from './tasks/multiomics.ts';
import { multiomicsSets } from './tasks/multiomics-sets.ts';
import { StoredPeers } from './tasks/peers.ts';
import { contextSet, knockOutSets, respondersOf, runContexts, runKnockOuts } from './tasks/perturbation.ts';
import { contextContenders, knockOutContenders } from './tasks/perturbation-contenders.ts';
import { type RunPlan, runAnnotation, runIntegration } from './tasks/run.ts';
import { Runs } from './tasks/runs.ts';
import {
  annotationColumns,
  contextColumns,
  hiddenEntryColumns,
  integrationColumns,
  knockOutColumns,
  panelColumns,
  type ScoreColumn,
  tableOf,
  unseenColumns,
} from './tasks/tables.ts';

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    methods: { type: 'string' },
    seeds: { type: 'string', default: '0,1,2' },
    results: { type: 'string', default: 'bench/results/tasks' },
    rescore: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    out: { type: 'string' },
    document: { type: 'string' },
    shared: { type: 'string', default: process.env.SCGPT_SHARED ?? '../shared' },
  },
});
for (const folder of ['data', 'benchmarks'].map((name) => join(given.shared, name))) {
  if (existsSync(folder)) continue;
  console.log(`skipped: ${folder} is not here; name its parent with --shared`);
  process.exit(0);
}

/** Sets of a kind, as one table each. */
interface Part {
  readonly section: string;
  readonly title: string;
  readonly sets: readonly string[];
  readonly columns: readonly ScoreColumn[];
  readonly peers: StoredPeers;
  readonly labelsAllowed: boolean;
}

const stored = (name: string) => new StoredPeers(join(given.shared, 'benchmarks', `${name}.json`));
const annotationPeers = stored('annotation');
const perturbationPeers = stored('perturbation');
const wanted = chosen('--only', given.only, [
  ...[...integrationSets, ...annotationTasks, ...unseenTasks].map(({ name }) => name),
  ...knockOutSets,
  contextSet,
  ...multiomicsSets,
  ...geneProgramSets,
  ...imputationSets,
]);
const methods = chosen(
  '--methods',
  given.methods,
  [
    ...integrationContenders,
    ...annotationContenders,
    ...knockOutContenders,
    ...contextContenders,
    ...multiomicsContenders,
    ...geneProgramContenders,
    ...imputationContenders,
  ].map(({ id }) => id),
);
const plan: RunPlan = {
  files: new BenchmarkFiles(given.shared),
  runs: new Runs(given.results),
  seeds: given.seeds.split(',').map(Number),
  rescore: given.rescore,
  again: given.again,
  report: (message) => console.error(message),
};
const integrators = integrationContenders.filter(({ id }) => methods.has(id));
const annotators = annotationContenders.filter(({ id }) => methods.has(id));
const among = <T extends { readonly name: string }>(sets: readonly T[]) =>
  sets.filter(({ name }) => wanted.has(name));

for (const set of among(integrationSets)) await runIntegration(set, integrators, plan);
for (const task of among(annotationTasks)) {
  for (let fold = 0; fold < task.folds; fold++) {
    await runAnnotation({ name: task.name, task, fold }, annotators, plan);
  }
}
for (const { name, task, removed } of among(unseenTasks)) {
  await runAnnotation({ name, task, fold: 0, removed }, annotators, plan);
}
const predictors = knockOutContenders.filter(({ id }) => methods.has(id));
for (const set of knockOutSets) {
  if (wanted.has(set)) await runKnockOuts(set, predictors, given.shared, plan);
}
if (wanted.has(contextSet))
  await runContexts(
    contextContenders.filter(({ id }) => methods.has(id)),
    plan,
  );
for (const set of multiomicsSets) {
  if (wanted.has(set)) await runMultiomics(set, methods, { ...plan, shared: given.shared });
}
const imputers = imputationContenders.filter(({ id }) => methods.has(id));
for (const set of imputationSets) {
  if (wanted.has(set)) await runImputation(set, imputers, given.shared, plan);
}
for (const set of geneProgramSets) {
  if (wanted.has(set)) await runGenePrograms(set, methods, { ...plan, shared: given.shared });
}
await plan.files.close();

const names = (sets: readonly { readonly name: string }[]) => among(sets).map(({ name }) => name);
const parts: readonly Part[] = [
  {
    section: 'gene-programs',
    title: 'Gene programs',
    sets: geneProgramSets.filter((set) => wanted.has(set)),
    columns: geneProgramColumns,
    peers: stored('gene-programs'),
    labelsAllowed: false,
  },
  {
    section: 'multiomics',
    title: 'Two modalities',
    sets: multiomicsSets.filter((set) => wanted.has(set)),
    columns: multiomicsColumns,
    peers: stored('multiomics'),
    labelsAllowed: false,
  },
  {
    section: 'integration',
    title: 'Integration',
    sets: names(integrationSets),
    columns: integrationColumns,
    peers: stored('integration'),
    labelsAllowed: false,
  },
  {
    section: 'annotation',
    title: 'Annotation',
    sets: names(annotationTasks),
    columns: annotationColumns,
    peers: annotationPeers,
    labelsAllowed: true,
  },
  {
    section: 'unseen',
    title: 'Types that the reference lacks',
    sets: names(unseenTasks),
    columns: unseenColumns,
    peers: annotationPeers,
    labelsAllowed: true,
  },
  {
    section: 'perturbation',
    title: 'Unseen perturbations',
    sets: knockOutSets.filter((set) => wanted.has(set)).flatMap((set) => [set, respondersOf(set)]),
    columns: knockOutColumns,
    peers: perturbationPeers,
    labelsAllowed: false,
  },
  {
    section: 'contexts',
    title: 'A perturbation in an unseen cell type',
    sets: [contextSet].filter((set) => wanted.has(set)),
    columns: contextColumns,
    peers: perturbationPeers,
    labelsAllowed: false,
  },
  {
    section: 'imputation',
    title: 'Hidden entries',
    sets: hiddenEntrySets.filter((set) => wanted.has(set)),
    columns: hiddenEntryColumns,
    peers: stored('imputation'),
    labelsAllowed: false,
  },
  {
    section: 'panels',
    title: 'Missing genes',
    sets: panelSets.filter((set) => wanted.has(set)),
    columns: panelColumns,
    peers: stored('imputation'),
    labelsAllowed: false,
  },
];
for (const { section, title, sets, columns, peers, labelsAllowed } of parts) {
  if (sets.length === 0) continue;
  const tables = sets.map(
    (set) =>
      `### ${set.replace('~', ' without ')}\n\n${markdownTable(tableOf(set, columns, plan.runs.on(set), peers, { labelsAllowed }))}`,
  );
  const text = tables.join('\n\n');
  console.log(`\n## ${title}\n\n${text}`);
  if (given.document !== undefined) updateDocument(given.document, section, `\n${text}\n`);
}
if (given.out !== undefined) {
  const runs = parts.flatMap(({ sets }) => sets).flatMap((set) => plan.runs.on(set));
  writeFileSync(given.out, `${JSON.stringify(runs, null, 2)}\n`);
}

function chosen(option: string, typed: string | undefined, all: readonly string[]): ReadonlySet<string> {
  if (typed === undefined) return new Set(all);
  const names = typed === 'none' ? [] : typed.split(',');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown === undefined) return new Set(names);
  throw new UsageError({
    what: `there is no '${unknown}'`,
    where: option,
    expected: `some of ${all.join(', ')}`,
  });
}
