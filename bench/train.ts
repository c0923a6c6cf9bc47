/**
 * @file Time and memory of training steps beside the Python reference, interleaved in one run, at the published size.
 *
 * Needs Python with torch 2.13 and scgpt 0.2.4 (see bench/reference/train_reference.py), named by SCGPT_BENCH_PYTHON.
 * Every turn is a process of its own, so that memory is that of one and no two compete for it.
 *
 * Usage: npm run bench:train -- [--only dense,integration,pretraining,growth] [--rounds 3] [--threads 2]
 *        [--cells 4]: of a batch of the recipes, 64 and 32 as published, which few machines have memory for
 *        [--data ../shared/data/pbmc3k.h5ad]: cells of the pre-training recipe
 *        [--readme]: also put the tables into docs/training.md
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeRandomModel } from '../scripts/make-random-model.ts';
import { specialTokens } from '../src/single-cell/vocabulary.ts';
import { updateDocument } from './support/document.ts';
import { markdownTable, saveResults } from './support/table.ts';
import { pretrainingBatches, wholeCells } from './train/batches.ts';
import { describe, growthRow, rowsOf } from './train/report.ts';
import { contenders, type Measured, measure } from './train/turns.ts';
import { configOf, type Recipe, type Workload, writeWorkload } from './train/workload.ts';

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', default: 'dense,integration,pretraining,growth' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    cells: { type: 'string', default: '4' },
    data: { type: 'string', default: '../shared/data/pbmc3k.h5ad' },
    readme: { type: 'boolean', default: false },
  },
});
const parts = new Set(given.only.split(','));
const [rounds, threads, cells] = [Number(given.rounds), Number(given.threads), Number(given.cells)];

const special = Object.keys(specialTokens);
const compactGenes = 3000;
/** Tokens of the published vocabulary, which the reference's recipes train whole. */
const wholeVocabulary = 60_697;

const folder = mkdtempSync(join(tmpdir(), 'scgpt-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Cells of given sizes; the reference has the same vocabulary unless told otherwise. */
function workloadOf(
  name: string,
  sizes: { readonly cells: number; readonly tokens: number; readonly genes: number },
  { recipe = 'dense' as Recipe, dropout = 0, reference = sizes.genes + special.length } = {},
): Workload {
  const empty: Workload = {
    name,
    recipe,
    vocabulary: { ours: sizes.genes + special.length, reference },
    pad: sizes.genes + special.indexOf('pad'),
    dropout,
    batches: [],
  };
  return { ...empty, batches: [wholeCells(sizes.cells, sizes.tokens, configOf(empty))] };
}

/** The same cells on both sides with the same weights and no chance: the first losses must agree. */
async function equalWork(batchCells: number, tokens: number): Promise<Measured> {
  const workload = workloadOf(`equal work, ${batchCells} x ${tokens}`, {
    cells: batchCells,
    tokens,
    genes: compactGenes,
  });
  const place = join(folder, `equal-${batchCells}-${tokens}`);
  writeWorkload(place, workload);
  await writeRandomModel(join(place, 'model'), { genes: compactGenes, format: 'official' });
  return measure(workload, place, contenders, { rounds, threads });
}

/** Fine-tuning for integration: 1,200 variable genes with their zeros, and `<cls>`. */
function integration(): Promise<Measured> {
  const workload = workloadOf(
    `integration recipe, ${cells} x 1201`,
    { cells, tokens: 1201, genes: 1200 },
    { recipe: 'integration', dropout: 0.2, reference: wholeVocabulary },
  );
  const place = join(folder, 'integration');
  writeWorkload(place, workload);
  return measure(workload, place, contenders, { rounds, threads });
}

/** Generative pre-training on cells as they are, a step for each share of unknown genes. */
async function pretraining(): Promise<Measured | undefined> {
  if (!existsSync(given.data)) {
    console.log(`pre-training skipped: ${given.data} is not here; name a data file with --data`);
    return undefined;
  }
  const shape = { name: 'pre-training recipe', recipe: 'pretraining', dropout: 0.2 } as const;
  const sized = (ours: number, reference: number, pad: number): Workload => ({
    ...shape,
    name: `${shape.name}, ${cells} cells`,
    vocabulary: { ours, reference },
    pad,
    batches: [],
  });
  const { batches, vocabulary, wholeSize } = await pretrainingBatches(given.data, cells, (size) =>
    configOf(sized(size, size, 0)),
  );
  const workload = { ...sized(vocabulary.size, wholeSize, vocabulary.pad), batches };
  const place = join(folder, 'pretraining');
  writeWorkload(place, workload);
  return measure(workload, place, contenders, { rounds, threads });
}

/** How the cost of equal work grows with each size, the others as in the middle; one turn of each. */
async function growth(): Promise<Measured[]> {
  const middle = { cells: 4, tokens: 600, genes: 3000 };
  const points = [
    ...[300, 600, 1200].map((tokens) => ({ ...middle, tokens })),
    ...[2, 8].map((batchCells) => ({ ...middle, cells: batchCells })),
    ...[20_000, 60_000].map((genes) => ({ ...middle, genes })),
  ];
  const both = contenders.filter(({ name }) => name === 'ours, f32' || name === 'PyTorch f32');
  const measured: Measured[] = [];
  for (const [i, sizes] of points.entries()) {
    const place = join(folder, `growth-${i}`);
    const workload = workloadOf(`${sizes.cells} x ${sizes.tokens}, ${sizes.genes} genes`, sizes);
    writeWorkload(place, workload);
    measured.push(await measure(workload, place, both, { rounds: 1, threads }));
    rmSync(place, { recursive: true });
  }
  return measured;
}

const sections: string[] = [];
const results: Measured[] = [];
function show(measured: Measured | undefined): void {
  if (measured === undefined) return;
  results.push(measured);
  sections.push(`${describe(measured)}\n\n${markdownTable(rowsOf(measured))}`);
  console.log(`\n${sections.at(-1)}`);
}

if (parts.has('dense')) {
  show(await equalWork(4, 1200));
  show(await equalWork(32, 300));
}
if (parts.has('integration')) show(await integration());
if (parts.has('pretraining')) show(await pretraining());
if (parts.has('growth')) {
  const measured = await growth();
  results.push(...measured);
  sections.push(`How the cost of equal work grows:\n\n${markdownTable(measured.map(growthRow))}`);
  console.log(`\n${sections.at(-1)}`);
}
if (parts.has('integration') || parts.has('pretraining')) {
  const note = `The recipes have ${cells} cells a step here, 64 and 32 in the reference's scripts. It updates all ${wholeVocabulary} rows of the gene table once a step, which weighs less with more cells a step.`;
  sections.push(note);
  console.log(`\n${note}`);
}
if (given.readme) updateDocument('docs/training.md', 'train', sections.join('\n\n'));
saveResults('train', { given, results });
