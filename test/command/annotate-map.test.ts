/** @file `scgpt annotate` and `scgpt map` as a user runs them: a query labelled from a reference, and bad requests. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { categorical, DataFrame } from '../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import { openData } from '../../src/single-cell/open.ts';
import { selectGenes } from '../../src/single-cell/preprocess/views.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { expectFailure } from './failure.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
let folder: string;
const path = (name: string) => join(folder, name);

/** Cells of one batch of the demonstration data, every `step`-th, without every `lacking`-th gene. */
async function writeSide(name: string, batch: string, step: number, lacking: number): Promise<void> {
  const data = await openData(demo);
  const batches = data.obs.strings('batch');
  const rows = batches.flatMap((value, row) => (value === batch ? [row] : []));
  const some = subsetObs(data, Int32Array.from(rows.filter((_, i) => i % step === 0)));
  const types = some.obs.strings('cell_type_broad');
  const genes = Int32Array.from(some.var.index.keys()).filter((gene) => gene % lacking !== 0);
  const kept = Array.from(genes, (gene) => some.var.index[gene]);
  const rare = types.map((type, cell) => (cell === 0 ? 'rare' : type));
  const obs = new DataFrame(some.obs.index, [
    ['cell_type', categorical(types)],
    ['broader', categorical(types.map((type) => (type === 'Mono' ? 'myeloid' : 'lymphoid')))],
    ['rare', categorical(rare)],
    ['one', categorical(types.map(() => 'cell'))],
    ['none', categorical(types.map(() => null))],
  ]);
  const X = some.X && (await inMemory(selectGenes(some.X, genes)));
  await writeH5ad(new AnnData({ obs, var: new DataFrame(kept), X }), path(name), {});
  await data.close();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-annotate-'));
  const data = await openData(demo);
  const batches = [...new Set(data.obs.strings('batch'))] as string[];
  await data.close();
  await writeSide('reference.h5ad', batches[0], 6, 11);
  await writeSide('query.h5ad', batches[1], 8, 7);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function labelsOf(file: string, column: string): Promise<(string | null)[]> {
  const data = await openData(path(file));
  const found = [...data.obs.strings(column)];
  await data.close();
  return found;
}

async function accuracy(file: string, column: string): Promise<number> {
  const [found, truth] = [await labelsOf(file, column), await labelsOf(file, 'cell_type')];
  return found.filter((label, cell) => label === truth[cell]).length / truth.length;
}

const reference = ['--reference', 'reference.h5ad', '--label', 'cell_type'];
const quick = ['--epochs', '2', '--genes', '300', '--threads', '1', '--quiet'];

describe('scgpt annotate', () => {
  it('labels a query with other genes, and a saved annotator gives the same labels', async () => {
    const fitted = await scgpt(
      [
        'annotate',
        'query.h5ad',
        ...reference,
        '-o',
        'out.h5ad',
        '--save-annotator',
        'annotator',
        '--truth',
        'cell_type',
        '--report',
        'out.html',
        ...quick,
      ],
      folder,
    );
    expect(fitted.stderr).toBe('');
    expect(fitted.code).toBe(0);
    expect(fitted.stdout).toMatch(/macro F1/);
    const page = readFileSync(path('out.html'), 'utf8');
    for (const words of [
      'scGPT annotation',
      'Confusions: cell_type',
      'Whether probabilities can be believed',
    ]) {
      expect(page).toContain(words);
    }
    expect(fitted.stdout).toContain('Logistic regression');
    expect(await accuracy('out.h5ad', 'cell_type_scgpt')).toBeGreaterThan(0.8);
    const data = await openData(path('out.h5ad'));
    expect([...data.obs.columns.keys()]).toEqual(
      expect.arrayContaining(['cell_type_scgpt', 'cell_type_scgpt_score', 'cell_type_scgpt_unassigned']),
    );
    expect([...data.uns.keys()]).toContain('scgpt_annotate');
    await data.close();
    const again = await scgpt(
      ['annotate', 'query.h5ad', '--annotator', 'annotator', '-o', 'again.h5ad', '--quiet'],
      folder,
    );
    expect(again.code).toBe(0);
    expect(await labelsOf('again.h5ad', 'cell_type_scgpt')).toEqual(
      await labelsOf('out.h5ad', 'cell_type_scgpt'),
    );
  });

  it('takes a class of one cell', async () => {
    const done = await scgpt(
      [
        'annotate',
        'query.h5ad',
        '--reference',
        'reference.h5ad',
        '--label',
        'rare',
        '-o',
        'rare.h5ad',
        ...quick,
      ],
      folder,
    );
    expect(done.code).toBe(0);
    expect((await labelsOf('rare.h5ad', 'rare_scgpt')).every((label) => label !== null)).toBe(true);
  });

  it.each<[string, string[], RegExp]>([
    ['one class', ['--reference', 'reference.h5ad', '--label', 'one'], /one class|1 class|fewer than two/],
    ['no labels', ['--reference', 'reference.h5ad', '--label', 'none'], /no .*label|labelled/],
    ['a missing column', ['--reference', 'reference.h5ad', '--label', 'type'], /no column 'type'/],
    ['no column', ['--reference', 'reference.h5ad'], /which column of the reference/],
    ['nothing to learn from', [], /nothing to learn labels from/],
    ['both sources', [...reference, '--annotator', 'annotator'], /both a reference and a saved annotator/],
  ])('refuses %s and writes nothing', async (_, options, message) => {
    const done = await scgpt(['annotate', 'query.h5ad', '-o', 'no.h5ad', '--quiet', ...options], folder);
    expectFailure(done, 2, message);
    expect(existsSync(path('no.h5ad'))).toBe(false);
  });

  it('refuses an output that is the query', async () => {
    const done = await scgpt(['annotate', 'query.h5ad', ...reference, '-o', 'query.h5ad', '--force'], folder);
    expectFailure(done, 2, /would replace query\.h5ad/);
  });
});

describe('scgpt map', () => {
  it('labels a query, and a saved reference gives the same labels', async () => {
    const first = await scgpt(
      [
        'map',
        'query.h5ad',
        ...reference,
        '-o',
        'mapped.h5ad',
        '--save-reference',
        'atlas.h5ad',
        '--truth',
        'cell_type',
        '--report',
        'mapped.html',
        '--quiet',
      ],
      folder,
    );
    expect(first.stderr).toBe('');
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('Logistic regression');
    expect(readFileSync(path('mapped.html'), 'utf8')).toContain('scGPT mapping');
    expect(await accuracy('mapped.h5ad', 'cell_type_scgpt')).toBeGreaterThan(0.6);
    const again = await scgpt(
      ['map', 'query.h5ad', '--reference', 'atlas.h5ad', '-o', 'again-mapped.h5ad', '--quiet'],
      folder,
    );
    expect(again.code).toBe(0);
    const [now, then] = [
      await labelsOf('again-mapped.h5ad', 'cell_type_scgpt'),
      await labelsOf('mapped.h5ad', 'cell_type_scgpt'),
    ];
    expect(now.filter((label, cell) => label === then[cell]).length).toBeGreaterThan(0.9 * then.length);
  });

  it.each<[string, string[], RegExp]>([
    ['a missing column', ['--reference', 'reference.h5ad', '--label', 'type'], /no column 'type'/],
    ['no labels', ['--reference', 'reference.h5ad', '--label', 'none'], /label/],
    ['a reference that is not there', ['--reference', 'nowhere.h5ad', '--label', 'x'], /nowhere\.h5ad/],
  ])('refuses %s and writes nothing', async (_, options, message) => {
    const done = await scgpt(['map', 'query.h5ad', '-o', 'no.h5ad', '--quiet', ...options], folder);
    expectFailure(done, 2, message);
    expect(existsSync(path('no.h5ad'))).toBe(false);
  });
});
