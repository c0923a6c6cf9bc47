/** @file `scgpt generate` as a user runs it: what it writes, that measured values stay, and what it says of bad requests. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { CsrMatrix } from '../../src/single-cell/csr-matrix.ts';
import { DataFrame } from '../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { log1p } from '../../src/single-cell/preprocess/normalize.ts';
import { selectGenes } from '../../src/single-cell/preprocess/views.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { expectFailure } from './failure.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
const quick = ['--no-train', '--threads', '1', '--quiet'];
let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-generate-'));
  const data = await openData(demo);
  const some = subsetObs(
    data,
    Int32Array.from({ length: 160 }, (_, i) => i),
  );
  const X = some.X!;
  const half = Int32Array.from({ length: Math.floor(data.nVars / 2) }, (_, i) => 2 * i);
  const halfNames = new DataFrame(Array.from(half, (gene) => some.var.index[gene]));
  const write = (name: string, parts: ConstructorParameters<typeof AnnData>[0]) =>
    writeH5ad(new AnnData(parts), path(name), {});
  await write('cells.h5ad', { obs: some.obs, var: some.var, X });
  await write('panel.h5ad', { obs: some.obs, var: halfNames, X: selectGenes(X, half) });
  await write('logged.h5ad', { obs: some.obs, var: some.var, X: log1p(X) });
  const empty = new CsrMatrix(X.shape, {
    indptr: new Float64Array(some.nObs + 1),
    indices: new Int32Array(0),
    values: new Float64Array(0),
  });
  await write('empty.h5ad', { obs: some.obs, var: some.var, X: empty });
  await data.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('scgpt generate impute', () => {
  it('fills zeros, leaves measured values and tells what it is worth', async () => {
    const { stdout } = await scgpt(
      [
        'generate',
        'impute',
        path('cells.h5ad'),
        '-o',
        path('out.h5ad'),
        '--report',
        path('r.html'),
        ...quick,
      ],
      folder,
    );
    expect(stdout).toContain('Held-out values');
    expect(stdout).toContain('kNN smoothing');
    expect(existsSync(path('r.html'))).toBe(true);
    const [before, after] = [await openData(path('cells.h5ad')), await openData(path('out.h5ad'))];
    const counts = await before.X!.rows(0, 160);
    const layer = await after.layers.get('scgpt_imputed')!.rows(0, 160);
    let [filled, measured] = [0, 0];
    for (let cell = 0; cell < 160; cell++) {
      const own = new Map<number, number>();
      let total = 0;
      for (let i = counts.indptr[cell]; i < counts.indptr[cell + 1]; i++) {
        total += counts.values[i];
        if (counts.values[i] > 0) own.set(counts.indices[i], counts.values[i]);
      }
      for (let i = layer.indptr[cell]; i < layer.indptr[cell + 1]; i++) {
        const count = own.get(layer.indices[i]);
        if (count === undefined) filled++;
        else {
          measured++;
          expect(layer.values[i]).toBeCloseTo(Math.log1p((count * 1e4) / total), 4);
        }
      }
      measured -= own.size;
    }
    expect(measured).toBe(0);
    expect(filled).toBeGreaterThan(100);
    await before.close();
    await after.close();
  });

  it('completes a panel from a reference', async () => {
    const { stdout } = await scgpt(
      [
        'generate',
        'impute',
        path('panel.h5ad'),
        '--reference',
        path('cells.h5ad'),
        '-o',
        path('whole.h5ad'),
        ...quick,
      ],
      folder,
    );
    expect(stdout).toContain('PLS-10');
    const whole = await openData(path('whole.h5ad'));
    const panel = await openData(path('panel.h5ad'));
    expect(whole.nVars).toBeGreaterThan(panel.nVars);
    expect(whole.var.index.slice(0, panel.nVars)).toEqual(panel.var.index);
    await whole.close();
    await panel.close();
  });

  it('refuses what it cannot work on', async () => {
    expectFailure(
      await scgpt(['generate', 'impute', path('logged.h5ad'), '-o', path('x.h5ad'), ...quick], folder),
      2,
      /no count/,
    );
    expectFailure(
      await scgpt(
        [
          'generate',
          'impute',
          path('cells.h5ad'),
          '--reference',
          path('panel.h5ad'),
          '-o',
          path('x.h5ad'),
          ...quick,
        ],
        folder,
      ),
      2,
      /no gene that the data lack/,
    );
    expect(existsSync(path('x.h5ad'))).toBe(false);
  });
});

describe('scgpt generate cells', () => {
  const cells = (...args: string[]) =>
    scgpt(
      ['generate', 'cells', path('cells.h5ad'), '-o', path('new.h5ad'), '--force', ...args, ...quick],
      folder,
    );

  it('draws new cells of each label and tells what they are worth', { timeout: 120_000 }, async () => {
    const { stdout, code } = await cells(
      ...['--label-key', 'cell_type_broad', '--cells', '7', '--report', path('new.html')],
    );
    expect(code).toBe(0);
    expect(stdout).toContain('training cells themselves');
    expect(stdout).toContain('low rank');
    const made = await openData(path('new.h5ad'));
    const labels = made.obs.strings('cell_type_broad');
    expect(made.nObs).toBe(7 * new Set(labels).size);
    const counts = await made.X!.rows(0, made.nObs);
    expect(
      Array.from(counts.values as Float64Array).every((value) => Number.isInteger(value) && value > 0),
    ).toBe(true);
    const expected = await made.layers.get('scgpt_generated')!.rows(0, made.nObs);
    expect(Array.from(expected.values as Float64Array).every((value) => value >= 0)).toBe(true);
    const rows = new Set(
      labels.map((_, row) => counts.indices.slice(counts.indptr[row], counts.indptr[row + 1]).join()),
    );
    expect(rows.size).toBe(made.nObs); // cells of a label differ
    await made.close();
    expect(readFileSync(path('new.html'), 'utf8')).toContain('Generated beside held-out cells');
  });

  it('gives a profile of each label by the model as it is', { timeout: 120_000 }, async () => {
    const { code } = await scgpt(
      [
        ...['generate', 'cells', path('cells.h5ad'), '--zero-shot', '--label-key', 'cell_type_broad'],
        ...[
          '--labels',
          'T',
          '--genes',
          'CD3D,MS4A1',
          '-o',
          path('profiles.h5ad'),
          '--threads',
          '1',
          '--quiet',
        ],
      ],
      folder,
    );
    expect(code).toBe(0);
    const made = await openData(path('profiles.h5ad'));
    expect([made.nObs, made.var.index]).toEqual([1, ['CD3D', 'MS4A1']]);
    await made.close();
  });

  it('refuses what it cannot work on', { timeout: 120_000 }, async () => {
    const key = ['--label-key', 'cell_type_broad'];
    expectFailure(await cells(...key, '--labels', 'Unicorn'), 2, /no cell is 'Unicorn'/);
    expectFailure(await cells(), 2, /--label-key/);
    expectFailure(await cells(...key, '--steps', '3'), 2, /--zero-shot/);
    expectFailure(
      await scgpt(['generate', 'cells', path('empty.h5ad'), ...key, '-o', path('x.h5ad'), ...quick], folder),
      2,
    );
    expect(existsSync(path('x.h5ad'))).toBe(false);
  });
});

describe('scgpt generate genes', () => {
  const genes = (input: string, ...args: string[]) =>
    scgpt(['generate', 'genes', path(input), '-o', path('genes.h5ad'), '--force', ...args, ...quick], folder);

  it('tells genes that other cells show together with plain methods', { timeout: 120_000 }, async () => {
    const { stdout, code } = await genes(
      'cells.h5ad',
      '--genes',
      'CD3D,LYZ,NKG7',
      '--report',
      path('genes.html'),
    );
    expect(code).toBe(0);
    for (const name of [
      'scGPT alone',
      'scGPT with plain methods',
      'gene mean',
      'kNN regression',
      'ridge on 30 PCs',
    ])
      expect(stdout).toContain(name);
    const made = await openData(path('genes.h5ad'));
    expect([made.nObs, made.var.index]).toEqual([160, ['CD3D', 'LYZ', 'NKG7']]);
    const { values } = await made.X!.rows(0, 160);
    expect(Array.from(values as Float64Array).every((value) => value >= 0)).toBe(true);
    await made.close();
    expect(readFileSync(path('genes.html'), 'utf8')).toContain('Held-out values');
  });

  it('refuses unknown genes, genes both given and asked for, and cells without counts', {
    timeout: 120_000,
  }, async () => {
    expectFailure(
      await genes('cells.h5ad', '--genes', 'CD3D,UNICORN1'),
      2,
      /does not know the gene 'UNICORN1'/,
    );
    expectFailure(
      await genes('cells.h5ad', '--genes', 'CD3D', '--given', 'CD3D,LYZ'),
      2,
      /CD3D is given and/,
    );
    expectFailure(await genes('cells.h5ad', '--given', 'CD3D,LYZ', '--genes', 'NKG7'), 2, /at least 10/);
    expectFailure(await genes('empty.h5ad', '--genes', 'CD3D'), 2);
  });
});
