/** @file `scgpt embed` on the bundled cells: what it writes, and that the same cell always gets the same bytes. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnnData, DenseArray } from '../../src/single-cell/anndata.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { randomStream } from '../../src/support/random.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
const cellCount = 150;
let folder: string;
let cells: string;
let names: readonly string[];

async function embeddings(path: string): Promise<Map<string, string>> {
  const data = await openData(path);
  const { values, shape } = data.obsm.get('X_scGPT') as DenseArray;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const size = 4 * shape[1];
  const rows = data.obs.index.map(
    (name, row) => [name, bytes.toString('hex', row * size, (row + 1) * size)] as const,
  );
  await data.close();
  return new Map(rows);
}

async function embed(output: string, ...more: string[]): Promise<Map<string, string>> {
  const input = more[0]?.endsWith('.h5ad') ? [] : [cells];
  const { code, stderr } = await scgpt(['embed', ...input, ...more, '-o', output, '--quiet'], folder);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return embeddings(join(folder, output));
}

async function write(name: string, rows: Int32Array): Promise<string> {
  const data = await openData(demo);
  await writeH5ad(subsetObs(data, rows), join(folder, name), {});
  await data.close();
  return join(folder, name);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-embed-'));
  const data: AnnData = await openData(demo);
  const some = randomStream(1, 'cells').sample(data.nObs, cellCount);
  names = Array.from(some, (row) => data.obs.index[row]);
  await data.close();
  cells = await write('cells.h5ad', some);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('scgpt embed', () => {
  let reference: Map<string, string>;

  it('adds unit-length embeddings and a record of the run, and leaves nothing else behind', async () => {
    reference = await embed('out.h5ad', '--genes');
    expect([...reference.keys()]).toEqual(names);
    const data = await openData(join(folder, 'out.h5ad'));
    const { values, shape } = data.obsm.get('X_scGPT') as DenseArray;
    expect(shape).toEqual([cellCount, 64]);
    for (let row = 0; row < cellCount; row++) {
      let square = 0;
      for (let i = 0; i < 64; i++) square += values[64 * row + i] ** 2;
      expect(square).toBeCloseTo(1, 5);
    }
    expect((data.varm.get('X_scGPT') as DenseArray).shape).toEqual([763, 64]);
    const record = data.uns.get('scgpt') as Map<string, unknown>;
    expect(record.get('binning')).toBe('left');
    expect(record.get('model')).toBeInstanceOf(Map);
    expect([...data.obs.columns.keys()]).toContain('cell_type_broad');
    await data.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.each([1, 8, 64])('gives the same bytes with batches of %d cells', async (size) => {
    expect(await embed(`batch${size}.h5ad`, '--batch-size', `${size}`)).toEqual(reference);
  });

  it.each([1, 2])('gives the same bytes with %d threads', async (threads) => {
    expect(await embed(`threads${threads}.h5ad`, '--threads', `${threads}`)).toEqual(reference);
  });

  it('gives each cell the same bytes in another order and other company', async () => {
    const data = await openData(demo);
    const row = new Map(data.obs.index.map((name, i) => [name, i]));
    await data.close();
    const some = randomStream(2, 'order').shuffle(names.slice(0, 40));
    const shuffled = await write(
      'shuffled.h5ad',
      Int32Array.from(some, (name) => row.get(name)!),
    );
    const found = await embed('shuffled-out.h5ad', shuffled);
    expect(found).toEqual(new Map(some.map((name) => [name, reference.get(name)!])));
  });

  it('keys random binning and sampling by cell, and follows the seed', async () => {
    const options = ['--binning', 'random', '--max-length', '60'];
    const first = await embed('random1.h5ad', ...options, '--seed', '1');
    expect(await embed('random1b.h5ad', ...options, '--seed', '1', '--batch-size', '3')).toEqual(first);
    expect(await embed('random2.h5ad', ...options, '--seed', '2')).not.toEqual(first);
  });

  it('joins shards into what one run gives', async () => {
    for (const shard of [1, 2, 3]) await embed(`part${shard}.h5ad`, '--shard', `${shard}/3`);
    const merged = await scgpt(
      ['merge', 'part3.h5ad', 'part1.h5ad', 'part2.h5ad', '-o', 'merged.h5ad', '--quiet'],
      folder,
    );
    expect(merged.stderr).toBe('');
    expect(await embeddings(join(folder, 'merged.h5ad'))).toEqual(reference);
    const stranger = await write(
      'stranger.h5ad',
      Int32Array.from({ length: 30 }, (_, row) => row),
    );
    await embed('stranger2.h5ad', stranger, '--shard', '2/3');
    const mixed = await scgpt(
      ['merge', 'part1.h5ad', 'stranger2.h5ad', 'part3.h5ad', '-o', 'mixed.h5ad'],
      folder,
    );
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toContain('different cells');
    const incomplete = await scgpt(['merge', 'part3.h5ad', 'part1.h5ad', '-o', 'merged2.h5ad'], folder);
    expect(incomplete.code).toBe(2);
    expect(incomplete.stderr).toContain('part 2 of 3 is missing');
  });

  it('tells what it did, for people and as JSON', async () => {
    const people = await scgpt(['embed', cells, '-o', 'told.h5ad'], folder);
    expect(people.stdout).toMatch(/150 cells embedded in .* s .*with blood/);
    expect(people.stdout).toContain('wrote told.h5ad: obsm/X_scGPT [150, 64]');
    const json = await scgpt(['embed', cells, '-o', 'told.h5ad', '--force', '--json', '--quiet'], folder);
    expect(JSON.parse(json.stdout)).toMatchObject({ cells: 150, width: 64, genes: { of: 763 } });
  });

  it('refuses a column the report cannot show before any work', async () => {
    const args = ['embed', cells, '-o', 'coloured.h5ad', '--report', 'coloured.html', '--color-by'];
    for (const [column, reason] of [
      ['label_of_none', "no column 'label_of_none'"],
      ['constant', "'constant': one value"],
    ]) {
      const data = await openData(cells);
      data.obs.columns.set('constant', { kind: 'boolean', values: new Uint8Array(data.nObs) });
      await writeH5ad(data, join(folder, 'coloured-in.h5ad'), { force: true });
      await data.close();
      const done = await scgpt(args.with(1, 'coloured-in.h5ad').concat(column), folder);
      expect(done.code).toBe(2);
      expect(done.stderr).toContain(reason);
      expect(readdirSync(folder)).not.toContain('coloured.h5ad');
    }
  });

  it('warns of what probably is wrong with the genes', async () => {
    const done = await scgpt(['embed', cells, '-o', 'mouse.h5ad', '--organism', 'mouse', '--quiet'], folder);
    expect(done.stderr).toContain('warning: probably wrong: these look like human genes');
    expect(done.code).toBe(0);
  });

  it('tells when it takes more memory than allowed', async () => {
    const done = await scgpt(['embed', cells, '-o', 'bound.h5ad', '--memory', '1MB', '--quiet'], folder);
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/takes about \d+ MB of memory, more than the 2 MB allowed/);
  });

  it('tells that results of an earlier run are replaced', async () => {
    const again = await scgpt(['embed', 'out.h5ad', '-o', 'again.h5ad', '--quiet'], folder);
    expect(again.stderr).toContain("this run's obsm/X_scGPT, uns/scgpt in place of the input's");
    expect(await embeddings(join(folder, 'again.h5ad'))).toEqual(reference);
  });

  it('writes Zarr as well', async () => {
    expect(await embed('out.zarr')).toEqual(reference);
  });
});
