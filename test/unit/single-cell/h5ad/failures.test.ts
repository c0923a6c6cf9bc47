/** @file A write that fails says why and leaves nothing behind. */

import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnnData } from '../../../../src/single-cell/anndata.ts';
import { DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import { writeResults } from '../../../../src/single-cell/h5ad/results.ts';
import { writeH5ad } from '../../../../src/single-cell/h5ad/write.ts';
import type { Matrix } from '../../../../src/single-cell/matrix.ts';
import { CancelledError, InputError, OutputError } from '../../../../src/support/errors.ts';
import { fixtures } from './content.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'h5ad-'));
});
afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true });
});

const source = `${fixtures}good/csr_f32_gzip.h5ad`;

/** Data whose X is made up as it is read. */
function made(cells: number, genes: number, rows: Matrix['rows']): AnnData {
  return new AnnData({
    obs: new DataFrame(Array.from({ length: cells }, (_, i) => `cell ${i}`)),
    var: new DataFrame(Array.from({ length: genes }, (_, i) => `gene ${i}`)),
    X: { shape: [cells, genes], dtype: 'float64', layout: 'csr', rows },
  });
}

const noise: Matrix['rows'] = async (start, end) => {
  const width = 100;
  const entries = (end - start) * width;
  return {
    start,
    rowCount: end - start,
    columnCount: width,
    indptr: Int32Array.from({ length: end - start + 1 }, (_, i) => i * width),
    indices: Int32Array.from({ length: entries }, (_, i) => i % width),
    values: Float64Array.from({ length: entries }, (_, i) => Math.sin(start * width + i)),
  };
};

describe('a failing write', () => {
  it('refuses to replace a file unless told to', async () => {
    const path = join(folder, 'out.h5ad');
    await writeFile(path, 'precious');
    const data = await openH5ad(source);
    await expect(writeH5ad(data, path)).rejects.toThrow(/out\.h5ad: the output exists already/);
    await expect(writeResults(data, {}, path)).rejects.toBeInstanceOf(OutputError);
    await writeH5ad(data, path, { force: true });
    await data.close();
    expect(await readdir(folder)).toEqual(['out.h5ad']);
  });

  it('names a folder that does not exist', async () => {
    const data = await openH5ad(source);
    await expect(writeH5ad(data, join(folder, 'no', 'out.h5ad'))).rejects.toThrow(
      /folder to write into does not exist/,
    );
    await data.close();
  });

  it('says that there is no permission', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'the superuser may write anywhere');
    await chmod(folder, 0o555);
    const data = await openH5ad(source);
    await expect(writeH5ad(data, join(folder, 'out.h5ad'))).rejects.toThrow(/no permission/);
    await data.close();
  });

  it('stops on an abort signal', async () => {
    const control = new AbortController();
    const data = made(2000, 100, async (start, end) => {
      if (start >= 512) control.abort();
      return noise(start, end);
    });
    const writing = writeH5ad(data, join(folder, 'out.h5ad'), { signal: control.signal });
    await expect(writing).rejects.toBeInstanceOf(CancelledError);
    expect(await readdir(folder)).toEqual([]);
  });

  it('passes on what is wrong with the input', async () => {
    const data = await openH5ad(`${fixtures}bad/index_out_of_range.h5ad`);
    const path = join(folder, 'out.h5ad');
    await expect(writeH5ad(data, path)).rejects.toBeInstanceOf(InputError);
    await data.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['', /cannot be the name/],
    ['.', /cannot be the name/],
    ['_index', /cannot be the name/],
    ['a//b', /cannot be the name/],
    ['/a', /cannot be the name/],
  ])('refuses the column name %j', async (name, message) => {
    const data = made(3, 100, noise);
    data.obs.columns.set(name, { kind: 'boolean', values: new Uint8Array(3) });
    await expect(writeH5ad(data, join(folder, 'out.h5ad'))).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses text with a zero character and columns of another length', async () => {
    const data = made(2, 100, noise);
    data.uns.set('note', 'a\0b');
    await expect(writeH5ad(data, join(folder, 'out.h5ad'))).rejects.toThrow(/uns\/note: .*zero character/);
    data.uns.clear();
    data.obs.columns.set('n', { kind: 'boolean', values: new Uint8Array(3) });
    await expect(writeH5ad(data, join(folder, 'out.h5ad'))).rejects.toThrow(
      /obs\/n: the column has 3 values/,
    );
    data.obs.columns.set('n', { kind: 'number', dtype: 'uint8', values: Float64Array.of(1, 256) });
    await expect(writeH5ad(data, join(folder, 'out.h5ad'))).rejects.toThrow(/256 cannot be stored as uint8/);
    expect(await readdir(folder)).toEqual([]);
  });
});

/** Limits the size of files this process may write, as a full disk or quota does; undefined lifts the limit. */
function limitFileSize(bytes: number | undefined): boolean {
  const limit = `--fsize=${bytes ?? 'unlimited'}:unlimited`;
  return spawnSync('prlimit', ['--pid', String(process.pid), limit]).status === 0;
}

const canLimit = limitFileSize(undefined);

describe('a disk that runs full', () => {
  beforeEach(({ skip }) => skip(!canLimit, 'needs prlimit (util-linux)'));

  it.each([
    ['while a matrix is streamed', 300_000, 1000],
    ['while tables are written', 5000, 2000],
    ['at the very end', 1000, 10],
  ])('%s', async (_, bytes, cells) => {
    const path = join(folder, 'out.h5ad');
    const data = made(cells, 100, noise);
    limitFileSize(bytes);
    try {
      await expect(writeH5ad(data, path)).rejects.toThrow(
        /out\.h5ad: the disk is full\. Nothing was written/,
      );
    } finally {
      limitFileSize(undefined);
    }
    expect(await readdir(folder)).toEqual([]);
    await writeH5ad(data, path); // as if nothing had happened
    expect(await readdir(folder)).toEqual(['out.h5ad']);
  });

  it('while results are added to a copy', async () => {
    const path = join(folder, 'out.h5ad');
    const data = await openH5ad(source);
    const embedding = {
      kind: 'dense',
      dtype: 'float64',
      shape: [12, 400],
      values: new Float64Array(4800).map(Math.sin),
    } as const;
    limitFileSize(40_000);
    try {
      await expect(writeResults(data, { obsm: [['X', embedding]] }, path)).rejects.toThrow(
        /the disk is full/,
      );
    } finally {
      limitFileSize(undefined);
      await data.close();
    }
    expect(await readdir(folder)).toEqual([]);
  });
});
