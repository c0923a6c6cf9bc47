/** @file `scgpt grn` as a user runs it: programs and targets with tables, report and figures, and what is refused. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AnnData,
  type DenseArray,
  type TextArray,
  type Unstructured,
} from '../../src/single-cell/anndata.ts';
import { DataFrame } from '../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { expectFailure } from './failure.ts';
import { type Finished, scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
let folder: string;
let programs: Finished;
let targets: Finished;
const path = (...parts: string[]) => join(folder, ...parts);
const text = (...parts: string[]) => readFileSync(path(...parts), 'utf8');
const run = (...args: string[]) => scgpt(['grn', ...args, '--threads', '1', '--quiet'], folder);

const small = ['--genes', '150', '--permutations', '49'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-grn-'));
  writeFileSync(
    path('sets.gmt'),
    [
      'T CELL\t\tCD3D\tCD3E\tCD7\tIL32\tIL7R\tLCK\tTRAC\tCD2\tCD247',
      'B CELL\t\tCD79A\tCD79B\tMS4A1\tTCL1A\tHLA-DQA1\tHLA-DRA\tCD74\tBLK\tIGLL5',
      'MONOCYTE\t\tLYZ\tS100A8\tS100A9\tCST3\tFCN1\tAIF1\tLST1\tTYROBP\tFTL',
      'CYTOTOXIC\t\tNKG7\tGNLY\tGZMA\tGZMB\tPRF1\tCST7\tFGFBP2\tCCL4\tCTSW',
    ].join('\n'),
  );
  writeFileSync(path('foreign.gmt'), 'YEAST\t\tYAL001C\tYAL002W\n');
  writeFileSync(
    path('trrust.tsv'),
    [
      ...['LYZ', 'CST3', 'FCN1', 'AIF1', 'LST1'].map((target) => `SPI1\t${target}\tActivation\t1`),
      ...['CD79A', 'MS4A1'].map((target) => `SPI1\t${target}\tRepression\t2`),
      ...['NKG7', 'GNLY', 'CD3D', 'IL32', 'PRF1', 'CCL5'].map((target) => `TBX21\t${target}\tUnknown\t3`),
    ].join('\n'),
  );
  writeFileSync(path('foreign.tsv'), 'tf\ttarget\nGAL4\tGAL1\n');
  programs = await run(
    ...['programs', demo, '-o', 'programs', '--gene-sets', 'sets.gmt', '--cells', '60', ...small],
    ...['--resolution', '2', '--group-by', 'cell_type_broad', '--source', 'cells', '--each-group'],
    ...['--report', 'programs.html', '--figures', 'figures'],
  );
  targets = await run(
    ...['targets', demo, '-o', 'targets', '--regulators', 'SPI1,NOSUCH1', '--genes', '100', '--cells', '12'],
    ...['--group-by', 'cell_type_broad', '--compare', 'Mono,T', '--known-edges', 'trrust.tsv'],
    ...['--permutations', '49', '--report', 'targets.html', '--figures', 'target-figures', '--json'],
  );
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('scgpt grn programs', () => {
  it('tells programs beside two plain methods, with the tested universe', () => {
    expect(programs.code).toBe(0);
    for (const words of [
      /\d+ programs with \d+ of \d+ genes, from 60 of 3,707 cells/,
      /At 5 % false discoveries the \d+ programs hold \d+ gene sets?, beside \d+ by co-expression/,
      /Tested were 3 gene sets of 5 to 500 genes in a universe of \d+ genes/,
      / {2}co-expression: \d+ programs/,
      / {2}PCA loadings: \d+ programs/,
      /in Mono, 60 cells:/,
    ]) {
      expect(programs.stdout).toMatch(words);
    }
    expect(programs.stderr).toContain('no programs in cell_type_broad CD34+: it has 13 cells');
  });

  it('writes tables whose programs hold what belongs together', () => {
    expect(readdirSync(path('programs')).sort()).toEqual([
      'cells.h5ad',
      'edges.csv',
      'enrichment-by-group.csv',
      'enrichment.csv',
      'network.graphml',
      'programs-by-group.csv',
      'programs.csv',
      'scores-by-group.csv',
    ]);
    const rows = text('programs', 'programs.csv').trimEnd().split('\n');
    expect(rows[0]).toBe('method,program,gene,similarity_to_program,mean_similarity,p_random_genes');
    const programOf = new Map(
      rows.slice(1).flatMap((row) => {
        const [method, program, gene] = row.split(',');
        return method === 'scGPT' ? [[gene, program] as const] : [];
      }),
    );
    expect(programOf.get('LYZ')).toBe(programOf.get('S100A9'));
    expect(programOf.get('CD3D')).not.toBe(programOf.get('LYZ'));
    const enriched = text('programs', 'enrichment.csv');
    expect(enriched).toMatch(/^scGPT,program \d+,MONOCYTE,/m);
    expect(text('programs', 'programs-by-group.csv')).toMatch(/^Mono,scGPT,program 1,/m);
  });

  it('gives cells their scores, and says what the columns are', async () => {
    const data = await openData(path('programs', 'cells.h5ad'));
    const { shape, values } = data.obsm.get('X_scgpt_programs') as DenseArray;
    const record = data.uns.get('scgpt_programs') as Map<string, Unstructured>;
    const words = (name: string) => [...(record.get(name) as TextArray).values];
    expect(shape).toEqual([3707, words('names').length]);
    expect(words('gene_sets')).toContain('MONOCYTE');
    expect([...record.keys()]).toEqual(
      expect.arrayContaining(['model', 'settings', 'programs', 'mean_similarity', 'p_random_genes']),
    );
    const column = words('gene_sets').indexOf('MONOCYTE');
    const types = data.obs.strings('cell_type_broad');
    const mean = (type: string) => {
      const cells = [...types.keys()].filter((cell) => types[cell] === type);
      return cells.reduce((sum, cell) => sum + Number(values[cell * shape[1] + column]) / cells.length, 0);
    };
    expect(mean('Mono')).toBeGreaterThan(mean('T') + 0.3);
    await data.close();
  });

  it('reports and draws them', () => {
    const page = text('programs.html');
    for (const title of [
      'Beside plain methods',
      'Network of genes',
      'Activity of programs by cell_type_broad',
      'Gene sets in programs',
      'Programs in each group',
      'Input and genes',
      'scgpt grn programs',
    ]) {
      expect(page).toContain(title);
    }
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    expect(readdirSync(path('figures')).sort()).toEqual(
      ['activity', 'methods', 'network'].flatMap((name) => [`${name}.png`, `${name}.svg`]),
    );
  });

  it('gives the same again', async () => {
    const again = await run(
      ...['programs', demo, '-o', 'again', '--gene-sets', 'sets.gmt', '--cells', '60', ...small],
      ...['--resolution', '2', '--source', 'cells'],
    );
    expect(again.code).toBe(0);
    expect(text('again', 'programs.csv')).toBe(text('programs', 'programs.csv'));
  });

  it.each<[string, string[], number, RegExp]>([
    ['gene sets of other genes', ['--gene-sets', 'foreign.gmt', '--source', 'tokens'], 2, /shares 0 genes/],
    ['gene sets that are not there', ['--gene-sets', 'no.gmt'], 2, /gene sets cannot be read/],
    ['an unknown column', ['--group-by', 'nowhere'], 2, /nowhere/],
    ['groups without a column', ['--each-group'], 2, /no column tells groups/],
    [
      'groups of what is the same in all cells',
      ['--each-group', '--group-by', 'batch', '--source', 'tokens'],
      2,
      /the same in all cells/,
    ],
  ])('refuses %s', async (_, options, code, words) => {
    const args = ['programs', demo, '-o', 'no', '--cells', '12', ...small, ...options];
    expectFailure(await run(...args), code, words);
    expect(existsSync(path('no'))).toBe(false);
  });
});

describe('scgpt grn targets', () => {
  it('ranks targets in both conditions and their difference, with known edges', () => {
    expect(targets.code).toBe(0);
    expect(targets.stderr).toContain('NOSUCH1');
    const done = JSON.parse(targets.stdout);
    expect(done.regulators).toEqual(['SPI1']);
    expect(done.conditions).toEqual([
      { name: 'Mono', cells: 12 },
      { name: 'T', cells: 12 },
    ]);
    expect(done.known.edges).toBeGreaterThan(2);
    expect(done.known.candidates).toBeGreaterThan(done.known.edges);
    expect(done.known.methods.map(({ name }: { name: string }) => name)).toEqual([
      'attention, Mono',
      'co-expression, Mono',
      'attention, T',
      'co-expression, T',
      'attention, size of the difference',
      'co-expression, size of the difference',
      'random, mean of 199',
    ]);
    const sizes = done.targets.map(({ difference }: { difference: number }) => Math.abs(difference));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it('writes tables, a report and a figure', () => {
    expect(readdirSync(path('targets')).sort()).toEqual([
      'known-edges.csv',
      'network.graphml',
      'targets.csv',
    ]);
    const [header, ...rows] = text('targets', 'targets.csv').trimEnd().split('\n');
    expect(header).toBe(
      'regulator,target,attention Mono,p Mono,fdr Mono,co-expression Mono,attention T,p T,fdr T,co-expression T,difference,p difference,fdr difference',
    );
    for (const row of rows) {
      const [, , mono, p, rate, , t, , , , difference] = row.split(',').map(Number);
      expect(mono - t).toBeCloseTo(difference, 5);
      expect(rate).toBeGreaterThanOrEqual(p);
    }
    const page = text('targets.html');
    for (const title of ['Agreement with known edges', 'Network of regulators', 'How to read it', 'Sign:']) {
      expect(page).toContain(title);
    }
    expect(readdirSync(path('target-figures')).sort()).toEqual(
      ['known-edges', 'network'].flatMap((name) => [`${name}.png`, `${name}.svg`]),
    );
  });

  it('takes a column with one condition, which cannot be compared', async () => {
    const data = await openData(demo);
    const one = path('one.h5ad');
    const state = { kind: 'string', values: Array<string>(data.nObs).fill('alone') } as const;
    const obs = new DataFrame(data.obs.index, [['state', state]]);
    await writeH5ad(new AnnData({ obs, var: data.var, X: data.X }), one, {});
    await data.close();
    const asked = ['--regulators', 'SPI1', '--genes', '60', '--cells', '10', '--json'];
    const single = await run('targets', one, '-o', 'single', '--group-by', 'state', ...asked);
    expect(single.code).toBe(0);
    expect(JSON.parse(single.stdout).conditions).toEqual([{ name: 'alone', cells: 10 }]);
    expectFailure(
      await run('targets', one, '-o', 'no', '--group-by', 'state', '--compare', 'alone,other', ...asked),
      2,
      /no cell is 'other'/,
    );
  });

  it.each<[string, string[], number, RegExp]>([
    ['regulators that are unknown', ['--regulators', 'NOSUCH1,NOSUCH2'], 2, /none of these genes.*NOSUCH1/s],
    ['an empty list of regulators', ['--regulators', ','], 2, /no gene in the list/],
    [
      'an unknown condition',
      ['--regulators', 'SPI1', '--group-by', 'cell_type_broad', '--compare', 'Mono,Neuron'],
      2,
      /no cell is 'Neuron'/,
    ],
    [
      'one condition',
      ['--regulators', 'SPI1', '--group-by', 'cell_type_broad', '--compare', 'Mono'],
      2,
      /two different conditions/,
    ],
    [
      'conditions without a column',
      ['--regulators', 'SPI1', '--compare', 'Mono,T'],
      2,
      /no column tells conditions/,
    ],
    [
      'known edges of other genes',
      ['--regulators', 'SPI1', '--known-edges', 'foreign.tsv'],
      2,
      /none of 1 known edges/,
    ],
    [
      'known edges that are not there',
      ['--regulators', 'SPI1', '--known-edges', 'no.tsv'],
      2,
      /known edges cannot be read/,
    ],
    [
      'known edges of an unknown form',
      ['--regulators', 'SPI1', '--known-edges', 'sets.gmt'],
      2,
      /columns of known edges are not recognised/,
    ],
  ])('refuses %s', async (_, options, code, words) => {
    const args = ['targets', demo, '-o', 'no', '--genes', '60', '--cells', '10', ...options];
    expectFailure(await run(...args), code, words);
    expect(existsSync(path('no'))).toBe(false);
  });
});
