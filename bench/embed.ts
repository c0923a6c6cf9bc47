/**
 * @file Embedding speed beside the Python reference on the same cells, interleaved in one run.
 *
 * Needs Python with torch 2.13 and scgpt 0.2.4 (see bench/reference/embed_reference.py), named by SCGPT_BENCH_PYTHON.
 * Usage: npm run bench:embed -- [--cells 64] [--rounds 3] [--threads 2] [--data ../shared/data/pbmc3k.h5ad]
 *        [--readme]: also put the table into README.md
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeRandomModel } from '../scripts/make-random-model.ts';
import { embeddingFlops } from '../src/model/cost.ts';
import { openModelFolder } from '../src/model/folder.ts';
import { ValueBinner } from '../src/single-cell/binning.ts';
import { rowOf } from '../src/single-cell/matrix.ts';
import { openData } from '../src/single-cell/open.ts';
import type { CellTokens } from '../src/single-cell/tokens/cell-tokens.ts';
import { CellTokenizer } from '../src/single-cell/tokens/tokenizer.ts';
import { prepareCells } from '../src/tasks/prepare.ts';
import { updateDocument } from './support/document.ts';
import { type Answer, Peer } from './support/peer.ts';
import { markdownTable, median, saveResults } from './support/table.ts';

const { values: given } = parseArgs({
  options: {
    cells: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    data: { type: 'string', default: '../shared/data/pbmc3k.h5ad' },
    model: { type: 'string' },
    readme: { type: 'boolean', default: false },
  },
});
const python = process.env.SCGPT_BENCH_PYTHON ?? 'python3';
if (!existsSync(given.data)) {
  console.log(`skipped: ${given.data} is not here; name a data file with --data`);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'scgpt-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const modelFolder = given.model ?? join(folder, 'official');
if (given.model === undefined) await writeRandomModel(modelFolder, { format: 'official' });

/** Evenly spaced cells of the data as tokens, in a form both sides read. */
async function writeTokens(count: number): Promise<CellTokens[]> {
  const model = await openModelFolder(modelFolder);
  const data = await openData(given.data);
  const { matrix, panel } = await prepareCells(data, model.vocabulary);
  const tokenizer = new CellTokenizer({
    panel,
    clsValue: model.config.padValue,
    includeZeros: false,
    maxLength: model.config.maxLength,
    binner: new ValueBinner(model.config.bins, 'left'),
    seed: 0,
  });
  const cells: CellTokens[] = [];
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * (data.nObs - 1)) / Math.max(1, count - 1));
    cells.push(tokenizer.tokenize(rowOf(await matrix.rows(row, row + 1), 0), data.obs.index[row]));
  }
  await data.close();
  const write = (name: string, parts: readonly (Int32Array | Float32Array)[]) =>
    writeFileSync(
      join(folder, name),
      Buffer.concat(
        parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
      ),
    );
  write('lengths.i32', [Int32Array.from(cells, (cell) => cell.genes.length)]);
  write(
    'genes.i32',
    cells.map((cell) => cell.genes),
  );
  write(
    'values.f32',
    cells.map((cell) => cell.values),
  );
  return cells;
}

const cells = await writeTokens(Number(given.cells));
const model = await openModelFolder(modelFolder);
const flops = cells.reduce((sum, cell) => sum + embeddingFlops(model.config, cell.genes.length), 0);
const lengths = cells.map((cell) => cell.genes.length);
const heading = `${cells.length} cells, ${Math.min(...lengths)} to ${Math.max(...lengths)} tokens, median ${median(lengths)}; ${(flops / 1e9 / cells.length).toFixed(1)} GFLOP a cell; ${given.threads} threads; random weights of the published size`;
console.log(heading);

mkdirSync(folder, { recursive: true });
const script = 'bench/reference/embed_reference.py';
const reference = new Peer('reference', python, [script, modelFolder, folder, given.threads]);
const ourWorker = new URL('./embed-ours.js', import.meta.url).pathname;
const ours = (precision: string) =>
  new Peer(precision, process.execPath, [ourWorker, modelFolder, folder, given.threads, precision]);
const float32 = ours('float32');
const int8 = ours('int8');
const ready = {
  reference: (await reference.answer()).ready,
  float32: (await float32.answer()).ready,
  int8: (await int8.answer()).ready,
};

/** One way to embed the cells. */
interface Contender {
  readonly name: string;
  readonly peer: Peer;
  readonly command: Answer;
  /** The slowest runs once: it would take most of the time and its noise is small beside its distance. */
  readonly once?: boolean;
}

const contenders: readonly Contender[] = [
  { name: 'ours, f32', peer: float32, command: { mode: 'embed' } },
  { name: 'ours, int8', peer: int8, command: { mode: 'embed' } },
  { name: 'reference as called', peer: reference, command: { mode: 'as-called', batch: 64 }, once: true },
  { name: 'reference, fast path off', peer: reference, command: { mode: 'general-path', batch: 64 } },
  {
    name: 'reference, fast path off, sorted by length',
    peer: reference,
    command: { mode: 'sorted', batch: 8 },
  },
  { name: 'reference, bf16 autocast', peer: reference, command: { mode: 'general-bf16', batch: 64 } },
  {
    name: 'reference, bf16 autocast, sorted by length',
    peer: reference,
    command: { mode: 'sorted-bf16', batch: 8 },
  },
];

const peaks = { ours: [] as number[], reference: [] as number[] };
const runs = new Map(contenders.map(({ name }) => [name, [] as Answer[]]));
for (let round = 0; round < Number(given.rounds); round++) {
  peaks.ours.push(Number((await float32.ask({ mode: 'gemm' })).gflops));
  peaks.reference.push(Number((await reference.ask({ mode: 'gemm' })).gflops));
  for (const { name, peer, command, once } of contenders) {
    if (once && round > 0) continue;
    const answer = await peer.ask({ ...command, save: join(folder, `${name}.f32`) });
    runs.get(name)!.push(answer);
    console.error(`round ${round + 1}: ${name} ${Number(answer.seconds).toFixed(2)} s`);
  }
}
for (const peer of [reference, float32, int8]) peer.close();

/** The least cosine, over cells, between two results. */
function leastCosine(a: string, b: string): number {
  const read = (name: string) =>
    new Float32Array(new Uint8Array(readFileSync(join(folder, `${name}.f32`))).buffer);
  const [left, right] = [read(a), read(b)];
  const width = left.length / cells.length;
  let least = 1;
  for (let cell = 0; cell < cells.length; cell++) {
    let [dot, aa, bb] = [0, 0, 0];
    for (let i = cell * width; i < (cell + 1) * width; i++) {
      dot += left[i] * right[i];
      aa += left[i] ** 2;
      bb += right[i] ** 2;
    }
    least = Math.min(least, dot / Math.sqrt(aa * bb));
  }
  return least;
}

const seconds = (name: string) => median(runs.get(name)!.map((answer) => Number(answer.seconds)));
const calledOf = seconds('reference as called');
const rows = contenders.map(({ name, peer }) => {
  const peak = median(peer === reference ? peaks.reference : peaks.ours);
  const gflops = flops / seconds(name) / 1e9;
  return {
    method: name,
    's (median)': seconds(name).toFixed(2),
    'cells/s': (cells.length / seconds(name)).toFixed(2),
    'x reference as called': (calledOf / seconds(name)).toFixed(1),
    'GFLOPS of needed work': gflops.toFixed(0),
    '% of f32 GEMM peak': ((100 * gflops) / peak).toFixed(0),
    'peak RSS, MB': (Math.max(...runs.get(name)!.map((answer) => Number(answer.rss))) / 1e6).toFixed(0),
    'least cosine to reference': leastCosine(name, 'reference, fast path off').toFixed(6),
  };
});
const notes = [
  `${heading}. f32 GEMM peak: ours ${median(peaks.ours).toFixed(0)}, PyTorch ${median(peaks.reference).toFixed(0)} GFLOPS.`,
  `Start to ready: ours ${Number(ready.float32).toFixed(1)} s; the reference ${Number(ready.reference).toFixed(1)} s, without its vocabulary class.`,
  `int8 beside f32: least cosine ${leastCosine('ours, int8', 'ours, f32').toFixed(6)}, random weights.`,
];
const result = `${markdownTable(rows)}\n\n${notes.join(' ')}`;
console.log(result);
if (given.readme) updateDocument('README.md', 'embed', result);
saveResults('embed', {
  given,
  rows,
  peaks,
  ready,
  seconds: Object.fromEntries(
    [...runs].map(([name, answers]) => [name, answers.map((answer) => answer.seconds)]),
  ),
});
