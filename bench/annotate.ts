/**
 * @file Time and peak memory of `scgpt annotate` as cells, genes and classes grow, beside logistic regression and SingleR.
 *
 * Cells are drawn from a data file (bench/annotate/cells.ts); every run is a process of its own, methods take turns, and
 * medians over repeats are shown. Time begins with cells in memory and ends with labels; the simple methods choose
 * 2,000 genes as they do beside every run.
 *
 * Usage: npm run bench:annotate -- [--axes cells,genes,classes]: which to vary; results of the others are kept
 *        [--cells 200,800,3200] [--genes 320,640,1276] [--classes 2,8,16]: what each takes
 *        [--at 200] [--query 500]: cells of the reference where others vary, and of the query
 *        [--methods scgpt,logistic-regression,singler]: or other simple methods by id
 *        [--repeats 1] [--threads 1] [--seed 0]
 *        [--data ../shared/data/kang_ctrl_8donors.h5ad --label cell_type --group donor]
 *        [--document docs/annotation.md]: put the tables into its section bench:annotate
 */

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { allBaselines } from '../src/analysis/classifiers/baselines.ts';
import { openData } from '../src/single-cell/open.ts';
import { UsageError } from '../src/support/errors.ts';
import type { Sizes, SourceCells } from './annotate/cells.ts';
import type { RunAnswer, RunRequest } from './annotate/run.ts';
import { updateDocument } from './support/document.ts';
import { markdownTable, median, type Row, saveResults } from './support/table.ts';

/** The cells to draw from: the larger set where it is there, else the bundled one. */
const sources: readonly SourceCells[] = [
  { path: '../shared/data/kang_ctrl_8donors.h5ad', label: 'cell_type', group: 'donor' },
  { path: 'demo/pbmc_three_sources.h5ad', label: 'cell_type_broad', group: 'batch' },
];
const [standard] = sources.filter(({ path }) => existsSync(path));
const { values: given } = parseArgs({
  options: {
    axes: { type: 'string', default: 'cells,genes,classes' },
    cells: { type: 'string', default: '200,800,3200' },
    genes: { type: 'string' },
    classes: { type: 'string' },
    at: { type: 'string', default: '200' },
    query: { type: 'string', default: '500' },
    methods: { type: 'string', default: 'scgpt,logistic-regression,singler' },
    repeats: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    seed: { type: 'string', default: '0' },
    data: { type: 'string', default: standard.path },
    label: { type: 'string', default: standard.label },
    group: { type: 'string', default: standard.group },
    document: { type: 'string' },
  },
});

const axes = ['cells', 'genes', 'classes'] as const;
type Axis = (typeof axes)[number];

/** All runs of one method at one size. */
interface Measured {
  readonly method: string;
  readonly sizes: Sizes;
  readonly runs: readonly RunAnswer[];
}

/** What is kept of an axis. */
interface AxisResult {
  readonly data: string;
  readonly threads: number;
  readonly measured: readonly Measured[];
}

const source: SourceCells = { path: given.data, label: given.label, group: given.group };
const names = new Map<string, string>([
  ['scgpt', '`scgpt annotate`'],
  ...allBaselines().map(({ id, name }) => [id, name] as const),
]);
const methods = given.methods.split(',');
const unknown = methods.find((method) => !names.has(method));
if (unknown !== undefined) {
  throw new UsageError({
    what: `there is no '${unknown}'`,
    where: '--methods',
    expected: `some of ${[...names.keys()].join(', ')}`,
  });
}
const numbers = (list: string): number[] => list.split(',').map(Number);

/** The sizes where others vary: all genes, all types. */
async function usualSizes(): Promise<Sizes> {
  const data = await openData(source.path);
  const classes = new Set(data.obs.strings(source.label)).size;
  const sizes = { cells: Number(given.at), query: Number(given.query), genes: data.nVars, classes };
  await data.close();
  return sizes;
}

const usual = await usualSizes();
const steps: Readonly<Record<Axis, readonly number[]>> = {
  cells: numbers(given.cells),
  genes:
    given.genes === undefined ? [4, 2, 1].map((part) => Math.ceil(usual.genes / part)) : numbers(given.genes),
  classes: given.classes === undefined ? [2, usual.classes, 2 * usual.classes] : numbers(given.classes),
};
const child = new URL('./annotate/run.js', import.meta.url).pathname;

async function runOnce(method: string, sizes: Sizes): Promise<RunAnswer> {
  const request: RunRequest = {
    method,
    source,
    sizes,
    seed: Number(given.seed),
    threads: Number(given.threads),
  };
  const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(request)]);
  return JSON.parse(stdout);
}

/** Runs by method and sizes: the size at which all axes meet is measured once. */
const runsAt = new Map<string, RunAnswer[]>();

function runsOf(method: string, sizes: Sizes): RunAnswer[] {
  const key = JSON.stringify([method, sizes]);
  const runs = runsAt.get(key) ?? [];
  runsAt.set(key, runs);
  return runs;
}

async function measure(axis: Axis): Promise<AxisResult> {
  const plan = steps[axis].flatMap((step) =>
    methods.map((method) => {
      const sizes = { ...usual, [axis]: step };
      return { method, sizes, runs: runsOf(method, sizes) };
    }),
  );
  for (let repeat = 0; repeat < Number(given.repeats); repeat++) {
    for (const { method, sizes, runs } of plan) {
      if (runs.length > repeat) continue;
      const answer = await runOnce(method, sizes);
      runs.push(answer);
      const seconds = (answer.fitting + answer.labelling).toFixed(1);
      console.error(`round ${repeat + 1}: ${sizes[axis]} ${axis}, ${method}: ${seconds} s`);
    }
  }
  return { data: basename(source.path), threads: Number(given.threads), measured: plan };
}

function tableOf(axis: Axis, { data, threads, measured }: AxisResult): string {
  const [{ sizes, runs: repeats }] = measured;
  const rest = [
    axis === 'cells' ? [] : `${sizes.cells} reference cells`,
    `${sizes.query} query cells`,
    axis === 'genes' ? [] : `${sizes.genes} genes`,
    axis === 'classes' ? [] : `${sizes.classes} classes`,
  ].flat();
  const rows = measured.map(({ method, sizes: at, runs }): Row => {
    const of = (value: (run: RunAnswer) => number) => median(runs.map(value));
    return {
      [axis]: at[axis],
      method: names.get(method) ?? method,
      'fitting, s': of(({ fitting }) => fitting).toFixed(1),
      'labelling, s': of(({ labelling }) => labelling).toFixed(1),
      'processor, s': of(({ processor }) => processor).toFixed(1),
      'peak memory, MB': (of(({ peak }) => peak) / 1e6).toFixed(0),
      accuracy: of(({ accuracy }) => accuracy).toFixed(3),
    };
  });
  const times = repeats.length === 1 ? 'one run' : `medians of ${repeats.length} runs`;
  const thread = threads === 1 ? 'one thread' : `${threads} threads`;
  return `${rest.join(', ')}; cells of ${data}; ${times}, ${thread}.\n\n${markdownTable(rows)}`;
}

const file = 'bench/results/annotate.json';
const kept: Partial<Record<Axis, AxisResult>> = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : {};
for (const axis of axes) {
  if (!given.axes.split(',').includes(axis)) continue;
  kept[axis] = await measure(axis);
  saveResults('annotate', kept);
}
const text = axes
  .flatMap((axis) => {
    const result = kept[axis];
    return result === undefined ? [] : `**Growth with ${axis}**: ${tableOf(axis, result)}`;
  })
  .join('\n\n');
console.log(text);
if (given.document !== undefined) updateDocument(given.document, 'annotate', `\n${text}\n`);
