/** @file `scgpt evaluate` on the bundled cells: the table, the files, and what it says of bad requests. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { randomStream } from '../../src/support/random.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
const groups = ['--batch-key', 'batch', '--label-key', 'cell_type_broad'];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-evaluate-'));
  const data = await openData(demo);
  const some = randomStream(1, 'cells').sample(data.nObs, 200);
  await writeH5ad(subsetObs(data, some), join(folder, 'cells.h5ad'), {});
  await data.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('scgpt evaluate', () => {
  it('scores an embedding of ours beside built-in methods', async () => {
    expect((await scgpt(['embed', 'cells.h5ad', '-o', 'embedded.h5ad', '--quiet'], folder)).code).toBe(0);
    const files = ['-o', 'scores.json', '--report', 'scores.html', '--figures', 'figures'];
    const { code, stdout, stderr } = await scgpt(
      ['evaluate', 'embedded.h5ad', ...groups, ...files, '--quiet'],
      folder,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const name of ['X_scGPT', 'HVG + PCA (baseline)', 'Harmony (baseline)', 'used for scoring only']) {
      expect(stdout).toContain(name);
    }
    const scores = JSON.parse(readFileSync(join(folder, 'scores.json'), 'utf8'));
    const rows: { name: string; scores: Record<string, { mean: number }> }[] = scores.embeddings.table.rows;
    expect(rows.map(({ name }) => name)).toEqual(['X_scGPT', 'HVG + PCA', 'Harmony']);
    for (const row of rows) expect(row.scores.overall.mean).toBeGreaterThan(0.3);
    expect(readFileSync(join(folder, 'scores.html'), 'utf8')).toContain('scGPT evaluation');
    expect(readdirSync(join(folder, 'figures'))).toContain('embeddings.svg');
  });

  it('gives the same scores again, as CSV', async () => {
    const run = (output: string) =>
      scgpt(
        [
          'evaluate',
          'cells.h5ad',
          ...groups,
          '--methods',
          'harmony',
          '--seeds',
          '0,1',
          '-o',
          output,
          '--quiet',
        ],
        folder,
      );
    for (const output of ['one.csv', 'two.csv']) expect((await run(output)).code).toBe(0);
    const withoutSeconds = (name: string) =>
      readFileSync(join(folder, name), 'utf8').replace(/,2,[\d.]+,/, ',2,,');
    expect(withoutSeconds('one.csv')).toBe(withoutSeconds('two.csv'));
  });

  it('scores a sample on request, and says so in text, files and report', async () => {
    const files = ['-o', 'sample.json', '--report', 'sample.html'];
    const sample = ['--methods', 'pca', '--sample', '100', ...files];
    const { code, stdout, stderr } = await scgpt(
      ['evaluate', 'cells.h5ad', ...groups, ...sample, '--quiet'],
      folder,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('Embeddings, 100 of 200 cells drawn by the seed:');
    expect(stderr).toMatch(/scored on 100 of 200 cells, drawn by the seed \(--sample sets how many\)/);
    const { embeddings, warnings } = JSON.parse(readFileSync(join(folder, 'sample.json'), 'utf8'));
    expect([embeddings.cells, embeddings.sampledFrom]).toEqual([100, 200]);
    expect(warnings.join()).toContain('100 of 200 cells');
    expect(readFileSync(join(folder, 'sample.html'), 'utf8')).toContain('100, drawn by the seed of 200');
  });

  it('scores predicted types, and says what the JSON says', async () => {
    const columns = ['--prediction', 'cell_type_broad', '--truth', 'cell_type_broad'];
    const { code, stdout } = await scgpt(['evaluate', 'cells.h5ad', ...columns, '--json', '--quiet'], folder);
    expect(code).toBe(0);
    const [row] = JSON.parse(stdout).predictions.table.rows;
    expect(row.scores.accuracy.mean).toBe(1);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a missing column',
      ['--label-key', 'celltype'],
      /no column 'celltype'\. Expected one of cell_type_broad/,
    ],
    ['nothing to score by', [], /nothing to score by/],
    ['a name that says no format', [...groups, '-o', 'scores.txt'], /ends in \.json or \.csv/],
    ['a seed that is no number', [...groups, '--seeds', 'x'], /--seeds: must be whole numbers/],
    ['a sample too small to score', [...groups, '--sample', '14'], /14 cells is too small to score/],
    ['an unknown method', [...groups, '--methods', 'scvi'], /no method 'scvi'/],
  ])('refuses %s and writes nothing', async (_, options, message) => {
    const before = readdirSync(folder);
    const { code, stderr } = await scgpt(['evaluate', 'cells.h5ad', ...options], folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('replaces nothing without --force', async () => {
    const attempt = ['evaluate', 'cells.h5ad', ...groups, '--methods', 'pca', '-o', 'kept.csv', '--quiet'];
    expect((await scgpt(attempt, folder)).code).toBe(0);
    const { code, stderr } = await scgpt(attempt, folder);
    expect(code).toBe(1);
    expect(stderr).toContain('exists already');
    expect((await scgpt([...attempt, '--force'], folder)).code).toBe(0);
    expect(existsSync(join(folder, 'kept.csv'))).toBe(true);
  });
});
