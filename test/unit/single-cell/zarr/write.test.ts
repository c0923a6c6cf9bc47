/** @file What is written as Zarr reads back equal, for every fixture and for random data; failures leave nothing. */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../../../src/single-cell/anndata.ts';
import { DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import type { Matrix } from '../../../../src/single-cell/matrix.ts';
import { openZarr } from '../../../../src/single-cell/zarr/open.ts';
import { writeZarr } from '../../../../src/single-cell/zarr/write.ts';
import { CancelledError, OutputError } from '../../../../src/support/errors.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { cases, contentOf, fixtures } from '../h5ad/content.ts';
import { arbitraryAnnData, csr } from './random.ts';

const refused = 'good/csr_i64_beyond_2p53.h5ad';
const withGaps = 'good/string_columns.h5ad'; // its text with gaps becomes categorical
const h5ad = Object.keys(cases.good_files).filter(
  (file) => file.endsWith('.h5ad') && file !== refused && file !== withGaps,
);
const zarr = Object.keys(cases.good_files).filter((file) => /zarr/.test(file));
const versions = [2, 3] as const;

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'scgpt-zarr-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

let count = 0;
const fresh = (): string => join(scratch, `${count++}.zarr`);

type Content = Awaited<ReturnType<typeof contentOf>>;

/** Everything, that of raw's varm too: it is shown as if it were an AnnData's. */
async function contentAndRaw(data: AnnData): Promise<Content> {
  const content = await contentOf(data);
  if (data.raw === null) return content;
  const raw = await contentOf(new AnnData({ obs: data.obs, ...data.raw }));
  return { ...content, rawVarm: raw.varm };
}

async function readBack(path: string): Promise<Content> {
  const data = await openZarr(path);
  const content = await contentAndRaw(data);
  await data.close();
  return content;
}

describe('writeZarr', () => {
  it.each([...h5ad, ...zarr])('gives back what it read of %s, in both formats', async (file) => {
    const data = await (file.endsWith('.h5ad') ? openH5ad : openZarr)(fixtures + file);
    const content = await contentAndRaw(data);
    for (const version of versions) {
      const path = fresh();
      const logger = new RecordingLogger();
      await writeZarr(data, path, { version, logger });
      expect(logger.warnings).toEqual([]);
      expect(await readBack(path)).toEqual(content);
      await rm(path, { recursive: true });
    }
    await data.close();
  });

  it('gives back random data, in both formats', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryAnnData, fc.constantFrom(...versions), async (data, version) => {
        const path = fresh();
        await writeZarr(data, path, { version });
        expect(await readBack(path)).toEqual(await contentAndRaw(data));
        await rm(path, { recursive: true });
      }),
      { numRuns: 40, seed: 20 },
    );
  }, 60_000);

  it('writes matrices of several chunks', async () => {
    const [rows, columns] = [1500, 900]; // 5.4 MB of float32, in chunks of 4 MiB
    const values = Float32Array.from({ length: rows * columns }, (_, i) => 1 + (i % 251));
    const layers = new Map<string, Matrix>([
      ['dense', { ...csr(rows, columns, values), layout: 'dense' }],
      ['sparse', csr(rows, columns, values)],
    ]);
    for (const version of versions) {
      const path = fresh();
      await writeZarr(new AnnData({ obs: names(rows), var: names(columns), layers }), path, { version });
      const data = await openZarr(path);
      for (const [name, matrix] of data.layers) {
        for (const start of [0, 1160, 1490]) {
          const found = await matrix.rows(start, start + 10);
          expect([name, found]).toEqual([name, await layers.get(name)!.rows(start, start + 10)]);
        }
      }
      await data.close();
    }
  });

  it('stores every part under its own metadata and all of them consolidated', async () => {
    const path = fresh();
    await writeZarr(small(), path);
    const { metadata } = JSON.parse(await readFile(join(path, '.zmetadata'), 'utf8'));
    expect(metadata['.zattrs']).toEqual({ 'encoding-type': 'anndata', 'encoding-version': '0.1.0' });
    for (const key of ['.zgroup', 'X/.zattrs', 'X/data/.zarray', 'obs/_index/.zarray']) {
      expect(metadata[key]).toEqual(JSON.parse(await readFile(join(path, key), 'utf8')));
    }
    const path3 = fresh();
    await writeZarr(small(), path3, { version: 3 });
    const root = JSON.parse(await readFile(join(path3, 'zarr.json'), 'utf8'));
    const own = JSON.parse(await readFile(join(path3, 'X/data/zarr.json'), 'utf8'));
    expect(root.consolidated_metadata.metadata['X/data']).toEqual(own);
  });

  it('refuses to overwrite, replaces a store with force, and no other folder', async () => {
    const path = fresh();
    await writeZarr(small(), path);
    await expect(writeZarr(small(), path)).rejects.toThrow(/exists already/);
    const other = small({ uns: [['title', 'second']] });
    await writeZarr(other, path, { force: true });
    expect((await readBack(path)).uns).toEqual({ title: { kind: 'string', value: 'second' } });

    const folder = fresh();
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.txt'), 'precious');
    await expect(writeZarr(small(), folder, { force: true })).rejects.toThrow(/no Zarr store/);
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  it('can replace the store it reads from', async () => {
    const path = fresh();
    await writeZarr(small(), path);
    const data = await openZarr(path);
    const content = await contentAndRaw(data);
    await writeZarr(data, path, { force: true, version: 3 });
    await data.close();
    expect(await readBack(path)).toEqual(content);
  });

  it.each<[string, () => AnnData]>([
    ['a name with a slash', () => small({ uns: [['a/b', 1]] })],
    ['a name that leads upward', () => small({ uns: [['..', 1]] })],
    ['a name of Zarr itself', () => small({ uns: [['.zattrs', 1]] })],
    ['an index name with a slash', () => small({ obs: new DataFrame(['a', 'b'], [], 'x/y') })],
    [
      'a value out of range',
      () => small({ X: { ...csr(2, 2, Float32Array.of(1, 300, 0, 2)), dtype: 'uint8' } }),
    ],
  ])('leaves nothing behind after %s', async (_, make) => {
    const folder = await mkdtemp(join(scratch, 'failing-'));
    await expect(writeZarr(make(), join(folder, 'out.zarr'))).rejects.toThrow(OutputError);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing behind when stopped or when reading fails, and keeps what was there', async () => {
    const folder = await mkdtemp(join(scratch, 'stopped-'));
    const path = join(folder, 'out.zarr');
    const signal = AbortSignal.abort();
    await expect(writeZarr(small(), path, { signal })).rejects.toThrow(CancelledError);
    expect(await readdir(folder)).toEqual([]);
    await writeZarr(small(), path);
    const failing: Matrix = {
      ...csr(2, 2, new Float32Array(4)),
      rows: () => Promise.reject(new Error('gone')),
    };
    await expect(writeZarr(small({ X: failing }), path, { force: true })).rejects.toThrow(/gone/);
    expect(await readdir(folder)).toEqual(['out.zarr']);
    expect((await readBack(path)).shape).toEqual([2, 2]);
  });

  it('gives back text with gaps as categories', async () => {
    const data = await openH5ad(fixtures + withGaps);
    const path = fresh();
    await writeZarr(data, path);
    const found = await openZarr(path);
    expect([...found.obs.columns.keys()]).toEqual([...data.obs.columns.keys()]);
    for (const name of data.obs.columns.keys())
      expect(found.obs.strings(name)).toEqual(data.obs.strings(name));
    expect(found.obs.column('Str')).toMatchObject({ kind: 'categorical', categories: ['s', 't'] });
    await Promise.all([data.close(), found.close()]);
  });

  it('says what it leaves out', async () => {
    const logger = new RecordingLogger();
    const path = fresh();
    const uns = [['odd', { kind: 'other', encoding: 'awkward-array', path: 'uns/odd' }]] as const;
    await writeZarr(small({ uns }), path, { logger });
    expect(logger.warnings.join()).toMatch(/uns\/odd: awkward-array cannot be written/);
    expect((await readBack(path)).uns).toEqual({});
  });
});

function names(length: number): DataFrame {
  return new DataFrame(Array.from({ length }, (_, i) => `n${i}`));
}

function small(parts: Partial<ConstructorParameters<typeof AnnData>[0]> = {}): AnnData {
  return new AnnData({
    obs: names(2),
    var: names(2),
    X: csr(2, 2, Float32Array.of(1, 0, 2, 3)),
    ...parts,
  });
}
