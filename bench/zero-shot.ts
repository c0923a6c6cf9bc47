/**
 * @file Zero-shot scores of a model's cell embeddings beside principal components and other tools.
 *
 * Nothing is trained: cells are embedded with all genes of their file. Labels of integration sets and of query cells
 * are used for scoring only. Our baseline is the one of the report (src/analysis/baseline.ts): where a file has more
 * than 2,000 genes it chooses others than the stored HVG+PCA did (flavour seurat_v3, by batch).
 *
 * Usage: npm run tools && node .build/bench/zero-shot.js [--model <folder>] [--out scores.json]
 *        [--shared ../shared]: the folder with `data` and `benchmarks`; also SCGPT_SHARED
 *        [--only symphony_pbmc_3tech,kang_donor]: some sets or tasks; default all
 *        [--device auto]
 */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeviceName } from '../src/runtime/device.ts';
import { UsageError } from '../src/support/errors.ts';
import { openModel } from '../src/tasks/model.ts';
import { markdownTable, type Row } from './support/table.ts';
import { annotationTasks } from './tasks/annotation-tasks.ts';
import { integrationSets } from './tasks/integration-sets.ts';
import { type PeerScores, StoredPeers } from './tasks/peers.ts';
import { type AnnotationResult, scoreAnnotation } from './zero-shot/annotation.ts';
import { CellFiles } from './zero-shot/cells.ts';
import { type IntegrationResult, scoreIntegration } from './zero-shot/integration.ts';

const { values: given } = parseArgs({
  options: {
    model: { type: 'string' },
    out: { type: 'string' },
    shared: { type: 'string', default: process.env.SCGPT_SHARED ?? '../shared' },
    only: { type: 'string' },
    device: { type: 'string', default: 'auto' },
  },
});
for (const folder of ['data', 'benchmarks'].map((name) => join(given.shared, name))) {
  if (existsSync(folder)) continue;
  console.log(`skipped: ${folder} is not here; name its parent with --shared`);
  process.exit(0);
}

const logger = {
  debug() {},
  info: (message: string) => console.error(message),
  warning: (message: string) => console.error(`warning: ${message}`),
};
const wanted = chooseNames(given.only);
const model = await openModel(given.model, { logger });
const files = new CellFiles(join(given.shared, 'data'), {
  model,
  device: given.device as DeviceName | 'auto',
  logger,
});
const integrationPeers = new StoredPeers(join(given.shared, 'benchmarks/integration.json'));
const annotationPeers = new StoredPeers(join(given.shared, 'benchmarks/annotation.json'));

const integration: IntegrationResult[] = [];
for (const set of integrationSets.filter(({ name }) => wanted.has(name))) {
  integration.push(await timed(set.name, () => scoreIntegration(set, files)));
}
const annotation: AnnotationResult[] = [];
for (const task of annotationTasks.filter(({ name }) => wanted.has(name))) {
  annotation.push(await timed(task.name, () => scoreAnnotation(task, files)));
}
await files.close();

const heading = `${model.name} (${model.trained ? 'trained' : 'random weights'}, ${model.hash.slice(0, 12)})`;
if (integration.length > 0) {
  console.log(
    `\nIntegration, zero-shot: ${heading}\n\n${markdownTable(integration.flatMap(integrationRows))}`,
  );
}
if (annotation.length > 0) {
  console.log(`\nAnnotation, zero-shot: ${heading}\n\n${markdownTable(annotation.flatMap(annotationRows))}`);
}
if (given.out !== undefined) {
  const results = {
    model: { name: model.name, hash: model.hash, trained: model.trained },
    integration,
    annotation,
  };
  writeFileSync(given.out, `${JSON.stringify(results, null, 2)}\n`);
}

function chooseNames(only: string | undefined): ReadonlySet<string> {
  const all = [...integrationSets, ...annotationTasks].map(({ name }) => name);
  if (only === undefined) return new Set(all);
  const names = only.split(',');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown === undefined) return new Set(names);
  throw new UsageError({
    what: `there is no set or task '${unknown}'`,
    where: '--only',
    expected: `some of ${all.join(', ')}`,
  });
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  console.error(
    `${name}: scored in ${((performance.now() - started) / 1000).toFixed(1)} s, embedding included`,
  );
  return result;
}

function integrationRows({ set, cells, embedding, pca }: IntegrationResult): Row[] {
  const ours = [
    ['embedding', embedding],
    ['HVG+PCA, ours (flavour seurat)', pca],
  ] as const;
  const row = (method: string, numbers: readonly (number | undefined)[]): Row => ({
    set,
    cells,
    method,
    ...named(
      ['overall', 'AvgBIO', 'AvgBATCH', 'NMI', 'ARI', 'ASW label', 'graph conn', 'ASW batch'],
      numbers,
    ),
  });
  const stored = ['overall', 'AvgBIO', 'AvgBATCH', 'NMI', 'ARI', 'ASW_label', 'graph_conn', 'ASW_batch'];
  const best = integrationPeers.best(set, 'overall', { unsupervised: true });
  return [
    ...ours.map(([method, s]) =>
      row(method, [
        s.overall,
        s.avgBio,
        s.avgBatch,
        s.nmi,
        s.ari,
        s.aswLabel,
        s.graphConnectivity,
        s.aswBatch,
      ]),
    ),
    ...storedRows(integrationPeers.of(set, 'HVG+PCA'), best, stored).map(([method, s]) => row(method, s)),
  ];
}

function annotationRows({ task, referenceCells, queryCells, embedding, pca }: AnnotationResult): Row[] {
  const row = (method: string, numbers: readonly (number | undefined)[]): Row => ({
    task,
    reference: referenceCells,
    query: queryCells,
    method,
    ...named(['macro F1', 'accuracy'], numbers),
  });
  const best = annotationPeers.best(task, 'macro_F1', { unsupervised: false });
  const knn = annotationPeers.of(task, 'kNN k=10 on PCA, unscaled, 30');
  return [
    row('kNN k=15, embedding', [embedding.macroF1, embedding.accuracy]),
    row('kNN k=15, joint HVG+PCA, ours (flavour seurat)', [pca.macroF1, pca.accuracy]),
    ...storedRows(knn, best, ['macro_F1', 'accuracy']).map(([method, s]) => row(method, s)),
  ];
}

/** A named peer and the best one, once when they are the same. */
function storedRows(
  named: PeerScores | undefined,
  best: PeerScores | undefined,
  metrics: readonly string[],
): [method: string, scores: (number | undefined)[]][] {
  const rows = new Map<string, PeerScores>();
  if (named !== undefined) rows.set(named.method, named);
  if (best !== undefined) rows.set(best.method, best);
  return Array.from(rows.values(), (peer) => [
    `${peer.method}, stored${peer.method === best?.method ? ' (best)' : ''}`,
    metrics.map((metric) => peer.scores[metric]),
  ]);
}

function named(names: readonly string[], numbers: readonly (number | undefined)[]): Record<string, string> {
  return Object.fromEntries(names.map((name, i) => [name, numbers[i]?.toFixed(3) ?? '-']));
}
