/** @file `scgpt integrate` as a user runs it: what it writes, that it can be repeated, and what it says of bad requests. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenseArray } from '../../src/single-cell/anndata.ts';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { categorical, DataFrame } from '../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { randomStream } from '../../src/support/random.ts';
import { expectFailure } from './failure.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
const quick = ['--epochs', '1', '--genes', '200', '--threads', '1', '--quiet'];
let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-integrate-'));
  const data = await openData(demo);
  const some = subsetObs(data, randomStream(1, 'cells').sample(data.nObs, 240));
  const each = Array.from(some.obs.index, (_, cell) => String(cell));
  const single = each.map((_, cell) => (cell === 0 ? 'alone' : cell % 2 === 0 ? 'a' : 'b'));
  const missing = each.map((_, cell) => (cell === 3 ? null : cell % 2 === 0 ? 'a' : 'b'));
  const columns = [
    ...some.obs.columns,
    ['one', categorical(each.map(() => 'same'))],
    ['each', categorical(each)],
    ['single', categorical(single)],
    ['missing', categorical(missing)],
  ] as const;
  const obs = new DataFrame(some.obs.index, columns);
  await writeH5ad(new AnnData({ obs, var: some.var, X: some.X }), path('cells.h5ad'), {});
  await data.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function embeddingOf(file: string, key: string): Promise<DenseArray> {
  const data = await openData(path(file));
  const found = data.obsm.get(key) as DenseArray;
  const read = { ...found, values: found.values }; // values are read when first looked at
  await data.close();
  return read;
}

describe('scgpt integrate', () => {
  it('writes embeddings, neighbours, clusters, a map, a report and figures', async () => {
    const outputs = [
      '-o',
      'out.h5ad',
      '--report',
      'out.html',
      '--figures',
      'figures',
      '--save-model',
      'tuned',
    ];
    const { code, stdout, stderr } = await scgpt(
      ['integrate', 'cells.h5ad', '--label-key', 'cell_type_broad', ...outputs, ...quick],
      folder,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const words of [
      '240 cells of 3 batches integrated',
      'X_scGPT_integrated',
      'Harmony (baseline)',
      'Labels (obs/cell_type_broad) were used for scoring only.',
      "neighbors_key='scgpt_neighbors'",
    ]) {
      expect(stdout).toContain(words);
    }
    const data = await openData(path('out.h5ad'));
    expect((data.obsm.get('X_scGPT_cell') as DenseArray).shape).toEqual([240, 64]);
    expect((data.obsm.get('X_scGPT_integrated') as DenseArray).shape).toEqual([240, 94]);
    expect((data.obsm.get('X_umap_scgpt') as DenseArray).shape).toEqual([240, 2]);
    expect(data.obs.strings('scgpt_cluster').every((cluster) => cluster !== null)).toBe(true);
    expect([...data.obsp.keys()]).toEqual(['scgpt_connectivities', 'scgpt_distances']);
    expect([...data.uns.keys()]).toEqual(expect.arrayContaining(['scgpt_integrate', 'scgpt_neighbors']));
    await data.close();
    const page = readFileSync(path('out.html'), 'utf8');
    for (const words of ['scGPT integration', 'Neighbour embedding', 'Marker genes', 'Clusters by batch']) {
      expect(page).toContain(words);
    }
    expect(readdirSync(path('figures'))).toEqual(expect.arrayContaining(['markers.svg', 'training.png']));
    expect((await scgpt(['info', 'tuned'], folder)).code).toBe(0);
  });

  it('gives the same bytes of the same seed, others of another', async () => {
    const run = (output: string, seed: string) =>
      scgpt(['integrate', 'cells.h5ad', '-o', output, '--no-baselines', '--seed', seed, ...quick], folder);
    for (const [output, seed] of [
      ['one.h5ad', '1'],
      ['two.h5ad', '1'],
      ['three.h5ad', '2'],
    ]) {
      expect((await run(output, seed)).code).toBe(0);
    }
    const [one, two, three] = await Promise.all(
      ['one.h5ad', 'two.h5ad', 'three.h5ad'].map((file) => embeddingOf(file, 'X_scGPT_integrated')),
    );
    expect(one.values).toEqual(two.values);
    expect(one.values).not.toEqual(three.values);
  });

  it('goes on with a finished run and gives what it gave', async () => {
    const run = (output: string, more: string[]) =>
      scgpt(
        ['integrate', 'cells.h5ad', '-o', output, '--no-baselines', '--run', 'run', ...quick, ...more],
        folder,
      );
    expect((await run('run1.h5ad', [])).code).toBe(0);
    expect(readdirSync(path('run'))).toEqual(expect.arrayContaining(['config.json', 'metrics.jsonl']));
    expectFailure(await run('run2.h5ad', []), 1, /run/);
    expect((await run('run2.h5ad', ['--resume'])).code).toBe(0);
    const [first, again] = [
      await embeddingOf('run1.h5ad', 'X_scGPT_integrated'),
      await embeddingOf('run2.h5ad', 'X_scGPT_integrated'),
    ];
    expect(again.values).toEqual(first.values);
    expectFailure(await run('run3.h5ad', ['--resume', '--seed', '5']), 2, /seed/);
  });

  it('follows the published recipe: batch norm of each batch, adversary, zeros included', async () => {
    const { code, stdout } = await scgpt(
      ['integrate', 'cells.h5ad', '-o', 'published.h5ad', '--recipe', 'published', ...quick, '--json'],
      folder,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout).training.steps).toBeGreaterThan(2);
    const { values, shape } = await embeddingOf('published.h5ad', 'X_scGPT_integrated');
    expect(shape).toEqual([240, 64]);
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
  });

  it('embeds with the model as it is', async () => {
    const { code } = await scgpt(
      ['integrate', 'cells.h5ad', '-o', 'zero.h5ad', '--zero-shot', '--no-baselines', '--quiet'],
      folder,
    );
    expect(code).toBe(0);
    expect((await embeddingOf('zero.h5ad', 'X_scGPT_integrated')).values).toEqual(
      (await embeddingOf('zero.h5ad', 'X_scGPT_cell')).values,
    );
  });

  it('goes on with batches of one cell, and says so', async () => {
    const { code, stderr } = await scgpt(
      ['integrate', 'cells.h5ad', '-o', 'single.h5ad', '--batch-key', 'single', '--no-baselines', ...quick],
      folder,
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: 1 batch of one cell: alone/);
  });

  it('takes five cells of two batches', async () => {
    const data = await openData(path('cells.h5ad'));
    const few = subsetObs(data, Int32Array.from([0, 1, 2, 3, 4]));
    const obs = new DataFrame(few.obs.index, [['batch', categorical(['a', 'a', 'a', 'b', 'b'])]]);
    await writeH5ad(new AnnData({ obs, var: few.var, X: few.X }), path('five.h5ad'), {});
    await data.close();
    const { code, stderr } = await scgpt(
      ['integrate', 'five.h5ad', '-o', 'few.h5ad', '--report', 'few.html', ...quick],
      folder,
    );
    expect(stderr).not.toMatch(/error/);
    expect(code).toBe(0);
    const { values } = await embeddingOf('few.h5ad', 'X_scGPT_integrated');
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
  });

  it('writes corrected expression of the genes it names, and scores it', async () => {
    const { code, stdout } = await scgpt(
      ['integrate', 'cells.h5ad', '-o', 'corrected.h5ad', '--no-baselines', '--corrected', ...quick],
      folder,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/Corrected expression of 200 genes, by neighbours.*clusters/);
    expect(stdout).toContain('Centred by batch (baseline)');
    const data = await openData(path('corrected.h5ad'));
    const layer = data.layers.get('scgpt_corrected');
    const { indices, values } = await layer!.rows(0, 1);
    expect(indices).toHaveLength(200);
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
    await data.close();
  });

  it('warns where batches and labels are the same', async () => {
    const { stderr } = await scgpt(
      ['integrate', 'cells.h5ad', '-o', 'same.h5ad', '--label-key', 'batch', ...quick],
      folder,
    );
    expect(stderr).toMatch(/every value of batch is in one batch alone/);
  });

  it.each<[string, string[], RegExp]>([
    ['one batch', ['--batch-key', 'one'], /all cells are of one batch, same.*at least two batches/],
    ['a batch for every cell', ['--batch-key', 'each'], /each of the 240 cells is a batch by itself/],
    ['cells without a batch', ['--batch-key', 'missing'], /1 of 240 cells have no batch/],
    ['a missing column', ['--batch-key', 'donor'], /no column 'donor'/],
    ['training that is not to be', ['--zero-shot', '--epochs', '3'], /epochs is about training/],
    ['an unknown method', ['--methods', 'scvi'], /no method 'scvi'/],
    ['contradicting settings', ['--learning-rate', '-1'], /--learning-rate: must be above 0/],
  ])('refuses %s and writes nothing', async (_, options, message) => {
    const done = await scgpt(['integrate', 'cells.h5ad', '-o', 'none.h5ad', '--quiet', ...options], folder);
    expectFailure(done, 2, message);
    expect(existsSync(path('none.h5ad'))).toBe(false);
  });
});
