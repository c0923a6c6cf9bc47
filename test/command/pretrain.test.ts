/** @file `scgpt pretrain` as a user runs it: a model that `scgpt embed` uses, and a run that nothing can spoil. */

import type { ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { DataFrame } from '../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { type Finished, finished, scgpt, start } from './run.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const demo = at('demo/pbmc_three_sources.h5ad');
const bad = (name: string) => at(`test/fixtures/data/h5ad/bad/${name}`);

let folder: string;
const path = (...names: string[]) => join(folder, ...names);

/** Every `step`-th cell of the demonstration data from `first` on. */
async function writeCells(name: string, first: number, step: number, most: number): Promise<void> {
  const data = await openData(demo);
  const rows = Int32Array.from({ length: most }, (_, i) => first + step * i);
  await writeH5ad(subsetObs(data, rows), path(name), {});
  await data.close();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-pretrain-'));
  await writeCells('cells.h5ad', 0, 6, 600);
  await writeCells('few.h5ad', 1, 60, 60);
  await writeCells('others.h5ad', 2, 60, 60);
  await writeCells('one.h5ad', 0, 1, 1);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tiny = '--embedding-size 16 --heads 2 --layers 1 --epochs 2 --max-length 60 --threads 1'.split(' ');
const recipe = [...tiny, '--epochs', '3', '--batch-size', '16'];

const weights = (model: string) => readFileSync(path(model, 'model.safetensors')).toString('base64');
const metrics = (model: string): Record<string, unknown>[] =>
  readFileSync(path(`${model}.run/metrics.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

function remove(...models: string[]): void {
  for (const model of models) {
    rmSync(path(model), { recursive: true, force: true });
    rmSync(path(`${model}.run`), { recursive: true, force: true });
  }
}

/** Fails with this code and one message, without a stack trace. */
function expectFailure(done: Finished, code: number, ...words: RegExp[]): void {
  expect(done.stderr).not.toMatch(/^\s+at /m);
  expect(done.stderr).not.toContain('This is a bug');
  expect(done.stderr.match(/^error: /gm)).toHaveLength(1);
  for (const word of words) expect(done.stderr).toMatch(word);
  expect(done.stdout).toBe('');
  expect(done.code).toBe(code);
}

/** Waits until a run has logged this many records, or has ended. */
async function untilLogged(model: string, records: number, child: ChildProcess): Promise<void> {
  const file = path(`${model}.run/metrics.jsonl`);
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const logged = existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
    if (logged >= records) return;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

describe('scgpt pretrain', () => {
  it('trains a model whose loss falls and that scgpt embed uses', async () => {
    const done = await scgpt(['pretrain', 'cells.h5ad', '-o', 'model', ...recipe, '--json'], folder);
    expect(done.code).toBe(0);
    const summary = JSON.parse(done.stdout);
    expect(summary.cells).toEqual({ training: 570, validation: 30 });
    expect(summary.validationLoss.best).toBeLessThan(0.8 * summary.validationLoss.before);
    expect(readdirSync(path('model')).sort()).toEqual([
      'config.json',
      'model-card.md',
      'model.safetensors',
      'vocab.json',
    ]);
    expect(readdirSync(path('model.run')).map((name) => name.replace(/\d{10}/, 'T'))).toEqual([
      'best.safetensors',
      'checkpoints',
      'config.json',
      'events.out.tfevents.T.scgpt',
      'metrics.jsonl',
    ]);
    const records = metrics('model');
    const steps = records.filter(({ split }) => split === 'train');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: summary.steps }, (_, i) => i + 1));
    expect(records.filter(({ split }) => split === 'validation')).toHaveLength(4);
    const embedded = await scgpt(['embed', 'few.h5ad', '-m', 'model', '-o', 'embedded.h5ad'], folder);
    expect(embedded).toMatchObject({ code: 0 });
    expect(embedded.stderr).not.toContain('random weights');
  });

  it('gives the same bytes again, and from a folder of shards as from its files', async () => {
    mkdirSync(path('shards'));
    cpSync(path('few.h5ad'), path('shards/1.h5ad'));
    cpSync(path('others.h5ad'), path('shards/2.h5ad'));
    const files = await scgpt(['pretrain', 'few.h5ad', 'others.h5ad', '-o', 'files', ...tiny], folder);
    const shards = await scgpt(['pretrain', 'shards', '-o', 'joined', ...tiny], folder);
    expect([files.code, shards.code]).toEqual([0, 0]);
    expect(weights('joined')).toBe(weights('files'));
    remove('files', 'joined');
  });

  it('holds out whole groups', async () => {
    const args = ['pretrain', 'few.h5ad', 'others.h5ad', '-o', 'grouped', ...tiny, '--group-key', 'batch'];
    const done = await scgpt([...args, '--validation', '0.2', '--json'], folder);
    expect(done.code).toBe(0);
    const sizes = await Promise.all(
      ['few.h5ad', 'others.h5ad'].map(async (name) => {
        const data = await openData(path(name));
        const labels = data.obs.strings('batch');
        await data.close();
        return [...new Set(labels)].map((label) => labels.filter((other) => other === label).length);
      }),
    );
    let possible = [0];
    for (const size of sizes.flat()) possible = possible.flatMap((sum) => [sum, sum + size]);
    expect(possible).toContain(JSON.parse(done.stdout).cells.validation);
    const missing = await scgpt([...args.slice(0, -1), 'donor', '--force'], folder);
    expectFailure(missing, 2, /few\.h5ad.*no column 'donor'/);
    remove('grouped');
  });

  it('plans a run and writes nothing', async () => {
    const before = readdirSync(folder).sort();
    const args = ['pretrain', 'cells.h5ad', '-o', 'planned', ...recipe, '--dry-run'];
    const done = await scgpt([...args, '--json'], folder);
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({
      cells: { training: 570, validation: 30 },
      tokensOfCell: { median: 60, longest: 60 },
      epochs: 3,
      batchSize: 16,
      batchesPerEpoch: 36,
      device: 'cpu',
    });
    const text = await scgpt([...args, '--batch-size', 'auto', '--memory', '100MB'], folder);
    expect(text.stdout).toMatch(/^batches: {4}570 of 1 cells an epoch, 3 epochs$/m);
    expect(text.stdout).toMatch(/^nothing was written$/m);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

describe('a run that ends early', () => {
  it.each([
    ['without dropout', ['--dropout', '0']],
    ['with dropout', ['--dropout', '0.2']],
    ['with gradients of several batches', ['--accumulate', '5', '--dropout', '0.1']],
  ])('ends with the same bytes after kill -9 in its midst, %s', async (_, options) => {
    const args = ['pretrain', 'cells.h5ad', ...recipe, ...options];
    expect(await scgpt([...args, '-o', 'whole'], folder)).toMatchObject({ code: 0 });
    const all = metrics('whole').length;
    let killed = 0;
    for (const share of [0.2, 0.5, 0.8]) {
      const resume = killed === 0 ? [] : ['--resume']; // options are not repeated
      const typed = killed === 0 ? args : args.slice(0, 2);
      const child = start([...typed, '-o', 'killed', ...resume], folder);
      const end = finished(child);
      await untilLogged('killed', Math.floor(share * all), child);
      child.kill('SIGKILL');
      if ((await end).code === null) killed++;
    }
    expect(killed).toBe(3);
    const done = await scgpt(['pretrain', 'cells.h5ad', '-o', 'killed', '--resume'], folder);
    expect(done).toMatchObject({ code: 0 });
    expect(weights('killed')).toBe(weights('whole'));
    const timeless = ({ seconds, ...record }: Record<string, unknown>) => record;
    expect(metrics('killed').map(timeless)).toEqual(metrics('whole').map(timeless));
    remove('killed', 'whole');
  });

  it('saves on Ctrl-C, says how to go on, and does', async () => {
    const args = ['pretrain', 'cells.h5ad', '-o', 'stopped', ...recipe];
    expect(await scgpt(['pretrain', 'cells.h5ad', '-o', 'whole', ...recipe], folder)).toMatchObject({
      code: 0,
    });
    const child = start(args, folder);
    const end = finished(child);
    await untilLogged('stopped', 45, child);
    child.kill('SIGINT');
    expectFailure(await end, 1, /stopped in epoch 2 after \d+ steps\. Go on with --resume/);
    expect(existsSync(path('stopped'))).toBe(false);
    expectFailure(await scgpt(args, folder), 1, /holds a run already\. Resume that run, .*--force/);
    const before = metrics('stopped').length;
    const done = await scgpt([...args, '--resume'], folder);
    expect(done).toMatchObject({ code: 0 });
    expect(metrics('stopped').length).toBeGreaterThan(before);
    expect(weights('stopped')).toBe(weights('whole'));
    remove('whole');
  });

  it('names what differs from the run to resume', async () => {
    const resume = (data: string, ...options: string[]) =>
      scgpt(['pretrain', data, '-o', 'stopped', '--resume', '--force', ...options], folder);
    expectFailure(await resume('few.h5ad'), 2, /data\.1\.cells was 600, now 60/, /vocabulary was/);
    expectFailure(
      await resume('cells.h5ad', '--epochs', '5', '--seed', '1', '--layers', '2'),
      2,
      /3 settings differ/,
      /model\.layers was 1, now 2/,
      /settings\.epochs was 3, now 5/,
      /settings\.seed was 0, now 1/,
    );
    expectFailure(await resume('cells.h5ad', '--init', 'model'), 2, /init\.hash was not given, now/);
    const nowhere = await scgpt(['pretrain', 'cells.h5ad', '-o', 'nowhere', '--resume'], folder);
    expectFailure(nowhere, 2, /no run to resume here/);
  });

  it('overwrites neither model nor run unless forced', async () => {
    const model = weights('stopped');
    const args = ['pretrain', 'few.h5ad', '-o', 'stopped', ...tiny];
    expectFailure(await scgpt(args, folder), 1, /the model folder exists/, /--force/);
    expectFailure(await scgpt([...args, '--resume'], folder), 1, /the model folder exists/);
    writeFileSync(path('stopped/mine.txt'), 'mine');
    expectFailure(await scgpt([...args, '--force'], folder), 1, /holds other files \(mine\.txt\)/);
    rmSync(path('stopped/mine.txt'));
    expect(weights('stopped')).toBe(model);
    expect(await scgpt([...args, '--force'], folder)).toMatchObject({ code: 0 });
    expect(weights('stopped')).not.toBe(model);
    remove('stopped');
  });

  it('says that the disk is full, and goes on when there is room', async ({ skip }) => {
    if (process.platform !== 'linux') skip('file size limits need Linux');
    const args = ['pretrain', 'few.h5ad', '-o', 'full', ...tiny, '--quiet'];
    const limited = await finished(start(args, folder, 'ulimit -f 120;'));
    expectFailure(
      limited,
      1,
      /the checkpoint of step \d+ could not be saved: the disk is full/,
      /resume the run/,
    );
    expect(await scgpt([...args, '--resume'], folder)).toMatchObject({ code: 0 });
    expect(await scgpt(['pretrain', 'few.h5ad', '-o', 'room', ...tiny], folder)).toMatchObject({ code: 0 });
    expect(weights('full')).toBe(weights('room'));
    remove('full', 'room');
  });

  it('stops when training diverges, keeps the run, and goes on at a lower rate', async () => {
    const args = ['pretrain', 'few.h5ad', '-o', 'wild', ...tiny];
    const wild = await scgpt([...args, '--learning-rate', '1e6', '--schedule', 'constant'], folder);
    expectFailure(wild, 1, /loss is/, /Lower the learning rate/);
    expect(existsSync(path('wild'))).toBe(false);
    expect(existsSync(path('wild.run/best.safetensors'))).toBe(true);
    const calm = await scgpt(
      ['pretrain', 'few.h5ad', '-o', 'wild', '--resume', '--learning-rate', '1e-3'],
      folder,
    );
    expect(calm).toMatchObject({ code: 0 });
    remove('wild');
  });
});

describe('input that cannot be pre-trained on', () => {
  it.each([
    ['one.h5ad', [], 2, /0\.05 of 1 cells leaves none to hold out/],
    [bad('all_zeros.h5ad'), [], 2, /all_zeros\.h5ad/],
    [bad('nan_in_x_csr.h5ad'), [], 2, /nan_in_x_csr\.h5ad.*NaN/],
    [bad('negative_counts.h5ad'), [], 2, /negative_counts\.h5ad.*negative/],
    ['none.h5ad', [], 2, /none\.h5ad/],
    ['few.h5ad', ['--layer', 'counts'], 2, /no layer 'counts'/],
    ['few.h5ad', ['--batch-size', '0'], 2, /--batch-size: must be at least 1/],
    ['few.h5ad', ['--mask-ratios', '0.5,1.5'], 2, /--mask-ratios: must be below 1/],
    ['few.h5ad', ['--memory', '2GB'], 2, /--batch-size auto with --memory/],
    ['few.h5ad', ['--freeze', 'half'], 2, /--freeze: must be none, body/],
    ['few.h5ad', ['--freeze', 'body'], 2, /nothing that could be held fixed/],
    ['few.h5ad', ['--lora-rank', '4'], 2, /--freeze low-rank/],
    ['few.h5ad', ['--heads', '3'], 2, /heads: must divide the embedding size 16/],
    ['few.h5ad', ['--run', 'out/run'], 2, /would lie inside the model folder/],
    ['few.h5ad', ['--run', 'out'], 2, /would replace out/],
    ['few.h5ad', ['--init', 'nowhere'], 2, /no such model folder/],
  ])('%s %j', async (data, options, code, words) => {
    const before = readdirSync(folder).sort();
    const done = await scgpt(['pretrain', data, '-o', 'out', ...tiny, ...options], folder);
    expectFailure(done, code, words);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('leaves nothing where the device cannot be used', async ({ skip }) => {
    const before = readdirSync(folder).sort();
    const done = await scgpt(['pretrain', 'few.h5ad', '-o', 'out', ...tiny, '--device', 'cuda'], folder);
    if (done.code === 0) {
      remove('out');
      skip('this machine has CUDA');
    }
    expect(done.stderr).toMatch(/^error: .*cuda/m);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('says that no gene is known', async () => {
    const data = await openData(path('few.h5ad'));
    const names = data.var.index.map((_, i) => `peak${i}`);
    const foreign = new AnnData({ X: data.X, obs: data.obs, var: new DataFrame(names) });
    await writeH5ad(foreign, path('foreign.h5ad'), {});
    await data.close();
    const done = await scgpt(['pretrain', 'foreign.h5ad', '-o', 'out', ...tiny], folder);
    expectFailure(done, 2, /foreign\.h5ad/, /gene/);
  });
});
