/** @file `scgpt pretrain --condition-key`: columns become conditions of the model, which `info` lists and `embed` uses. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-conditions-'));
  const data = await openData(demo);
  const rows = Int32Array.from({ length: 64 }, (_, i) => 57 * i);
  await writeH5ad(subsetObs(data, rows), join(folder, 'cells.h5ad'), {});
  await data.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tiny = '--embedding-size 8 --heads 2 --layers 1 --epochs 1 --max-length 40'.split(' ');

describe('--condition-key', () => {
  it('takes several columns, which the model then knows', async () => {
    const done = await scgpt(
      [
        'pretrain',
        'cells.h5ad',
        '--condition-key',
        'batch',
        'label_source',
        '-o',
        'model',
        ...tiny,
        '--json',
      ],
      folder,
    );
    expect(done).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout).conditions).toEqual([
      { name: 'batch', of: 'cells', values: 3 },
      { name: 'label_source', of: 'cells', values: 2 },
    ]);
    const info = await scgpt(['info', 'model'], folder);
    expect(info.stdout).toMatch(/condition of cells: batch, 3 values: celltypist, pbmc3k, pbmc68k\n/);
    expect(info.stdout).toMatch(/condition embedding \d/);
  });

  it('makes a model that embeds the data by them', async () => {
    const done = await scgpt(['embed', 'cells.h5ad', '-m', 'model', '-o', 'embedded.h5ad'], folder);
    expect(done).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/'batch': obs gives it for 64 of 64/),
    });
    const data = await openData(join(folder, 'embedded.h5ad'));
    const record = data.uns.get('scgpt') as Map<string, unknown>;
    await data.close();
    expect(record.get('conditions')).toEqual(
      new Map([
        ['batch', 'obs'],
        ['label_source', 'obs'],
      ]),
    );
  });

  it('makes a model that the official layout cannot hold', async () => {
    const done = await scgpt(['convert', 'model', '-o', 'official', '--to', 'official'], folder);
    expect(done).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/official layout cannot hold.*batch/),
    });
    expect(await scgpt(['convert', 'model', '-o', 'model.onnx', '--to', 'onnx'], folder)).toMatchObject({
      code: 0,
    });
  });

  it('names the columns there are when it finds none', async () => {
    const done = await scgpt(
      ['pretrain', 'cells.h5ad', '--condition-key', 'donor', '-o', 'other', ...tiny],
      folder,
    );
    expect(done).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no column 'donor' for a condition.*obs \(batch, /),
    });
  });
});
