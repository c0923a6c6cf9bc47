/** @file `scgpt multiome` as a user runs it: from files of every kind to files, mosaics, batches, and bad requests. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnnData, type DenseArray } from '../../src/single-cell/anndata.ts';
import { CsrMatrix } from '../../src/single-cell/csr-matrix.ts';
import { categorical, DataFrame } from '../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { MuData } from '../../src/single-cell/h5mu/mudata.ts';
import { openH5mu } from '../../src/single-cell/h5mu/node.ts';
import { writeH5mu } from '../../src/single-cell/h5mu/write.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { randomStream } from '../../src/support/random.ts';
import { expectFailure } from './failure.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
const quick = ['--epochs', '1', '--genes', '150', '--threads', '1', '--quiet'];
const count = 150;
const peakCount = 60;
const folder = mkdtempSync(join(tmpdir(), 'scgpt-multiome-command-'));
const path = (name: string) => join(folder, name);
const run = (...args: string[]) => scgpt(['multiome', ...args, ...quick], folder);

function numbersOf(frame: DataFrame, name: string): number[] {
  const column = frame.column(name);
  return column.kind === 'number' ? Array.from(column.values, Number) : [];
}

/** Counts of features that tell the types of cells apart. */
function measured(types: Int32Array, names: readonly string[], most: number): CsrMatrix {
  const random = randomStream(5, 'features', most);
  const values = Float32Array.from({ length: types.length * names.length }, (_, i) => {
    const high = (types[Math.floor(i / names.length)] + names.length) % 5 === (i % names.length) % 5;
    return most === 1
      ? Number(random.uniform() < (high ? 0.7 : 0.15))
      : Math.floor((high ? most : 4) + 3 * random.uniform());
  });
  return new CsrMatrix([types.length, names.length], {
    indptr: Float64Array.from({ length: types.length + 1 }, (_, row) => row * names.length),
    indices: Int32Array.from(values, (_, i) => i % names.length),
    values,
  });
}

const proteinNames = Array.from({ length: 12 }, (_, j) => `ab-CD${j + 3}`);
const peakNames = Array.from(
  { length: peakCount },
  (_, j) => `chr${1 + (j % 3)}:${1000 * j}-${1000 * j + 400}`,
);

/** RNA and peaks of the same cells as one matrix. */
async function sideBySide(rna: AnnData, peaks: CsrMatrix): Promise<AnnData> {
  const genes = await (rna.X as CsrMatrix).rows(0, count);
  const open = await peaks.rows(0, count);
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < count; row++) {
    for (const [block, first] of [
      [genes, 0],
      [open, rna.nVars],
    ] as const) {
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
        indices.push(first + block.indices[i]);
        values.push(block.values[i]);
      }
    }
    indptr.push(indices.length);
  }
  const names = [...rna.var.index, ...peakNames];
  const types = names.map((_, i) => (i < rna.nVars ? 'Gene Expression' : 'Peaks'));
  return new AnnData({
    obs: rna.obs,
    var: new DataFrame(names, [['feature_types', categorical(types)]]),
    X: new CsrMatrix([count, names.length], {
      indptr: Float64Array.from(indptr),
      indices: Int32Array.from(indices),
      values: Float32Array.from(values),
    }),
  });
}

beforeAll(async () => {
  const data = await openData(demo);
  const some = subsetObs(data, randomStream(3, 'cells').sample(data.nObs, count));
  const X = some.X && (await inMemory(some.X));
  const rna = new AnnData({ obs: some.obs, var: some.var, X });
  await data.close();
  const { codes } = categorical(rna.obs.strings('cell_type_broad'));
  const cells = new DataFrame(rna.obs.index);
  const protein = new AnnData({
    obs: cells,
    var: new DataFrame(proteinNames),
    X: measured(codes, proteinNames, 80),
  });
  const peaks = measured(codes, peakNames, 1);
  await writeH5ad(rna, path('rna.h5ad'));
  await writeH5ad(protein, path('protein.h5ad'));
  const late = Array.from({ length: count - 30 }, (_, i) => i + 30);
  await writeH5ad(subsetObs(rna, late), path('rna-of-120.h5ad'));
  const renamed = new DataFrame(rna.obs.index.map((name) => `other-${name}`));
  await writeH5ad(new AnnData({ obs: renamed, var: protein.var, X: protein.X }), path('others.h5ad'));
  await writeH5ad(await sideBySide(rna, peaks), path('multiome.h5ad'));
  const hashtags = new AnnData({
    obs: new DataFrame([...rna.obs.index.slice(0, 5), 'empty-droplet']),
    var: new DataFrame(['HTO1']),
    X: new CsrMatrix([6, 1], {
      indptr: Float64Array.of(0, 1, 2, 3, 4, 5, 6),
      indices: new Int32Array(6),
      values: new Float32Array(6).fill(3),
    }),
  });
  const names = ['empty-droplet', ...[...rna.obs.index].reverse()];
  const whole = new MuData({
    modalities: [
      ['hto', hashtags],
      ['rna', rna],
      ['adt', protein],
    ],
    obs: new DataFrame(names, [['lane', categorical(names.map((_, i) => `L${i % 2}`))]]),
    uns: [['note', 'kept']],
  });
  await writeH5mu(whole, path('whole.h5mu'));
  const bed = peakNames.map((name, j) => {
    const [chromosome, start] = name.split(/[:-]/);
    return `${chromosome}\t${Number(start) + 500}\t${Number(start) + 900}\tG${j}\t0\t+`;
  });
  writeFileSync(path('genes.bed'), `${bed.join('\n')}\n`);
  writeFileSync(path('refseq.bed'), 'NC_000001.11\t5\t9\tG0\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('scgpt multiome', () => {
  it('joins two h5ad files into an h5mu, with a report, figures and the model', async () => {
    const { code, stdout, stderr } = await run(
      ...['rna.h5ad', 'protein.h5ad', '-o', 'joint.h5mu', '--label-key', 'cell_type_broad'],
      ...['--report', 'joint.html', '--figures', 'figures', '--save-model', 'tuned'],
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const words of [
      '150 cells, 150 with both modalities',
      '12 new tokens',
      'Both modalities have a say',
      'Scores by obs/cell_type_broad, which was used for scoring only',
      "mu.tl.leiden(mdata, neighbors_key='scgpt_neighbors')",
    ]) {
      expect(stdout).toContain(words);
    }
    const page = readFileSync(path('joint.html'), 'utf8');
    for (const words of [
      'Marker genes',
      'Marker proteins',
      'Predicting protein from RNA',
      'Predicting RNA from protein',
      'Repeat it',
    ]) {
      expect(page).toContain(words);
    }
    const joint = await openH5mu(path('joint.h5mu'));
    expect([...joint.modalities.keys()]).toEqual(['rna', 'protein']);
    expect([...joint.obsp.keys()].sort()).toEqual(['scgpt_connectivities', 'scgpt_distances']);
    const weights = ['rna', 'protein'].map((name) => numbersOf(joint.obs, `scgpt_weight_${name}`));
    for (let cell = 0; cell < count; cell++) expect(weights[0][cell] + weights[1][cell]).toBeCloseTo(1);
    await joint.close();
  });

  it('keeps what an h5mu held, cells without both modalities too', async () => {
    const { code, stderr } = await run('whole.h5mu', '--other', 'adt', '-o', 'again.h5mu');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const [before, after] = [await openH5mu(path('whole.h5mu')), await openH5mu(path('again.h5mu'))];
    expect([...after.modalities.keys()]).toEqual(['hto', 'rna', 'adt']);
    expect(after.obs.index).toEqual(before.obs.index);
    expect(after.obs.strings('lane')).toEqual(before.obs.strings('lane'));
    expect(after.uns.get('note')).toBe('kept');
    const clusters = after.obs.strings('scgpt_cluster');
    expect(clusters[0]).toBeNull(); // the empty droplet
    expect(clusters.slice(1).every((cluster) => cluster !== null)).toBe(true);
    const embedding = after.obsm.get('X_scGPT_joint') as DenseArray;
    const [rows, width] = embedding.shape;
    expect(rows).toBe(count + 1);
    const values = Array.from(embedding.values, Number);
    expect(values.slice(0, width).every(Number.isNaN)).toBe(true);
    expect(values.slice(width).every(Number.isFinite)).toBe(true);
    await before.close();
    await after.close();
  });

  it('splits one h5ad by feature types and names peaks by genes', async () => {
    const { code, stdout } = await run(
      'multiome.h5ad',
      '--genes-gtf',
      'genes.bed',
      '-o',
      'peaks.h5mu',
      '--report',
      'peaks.html',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('60 new tokens');
    const joint = await openH5mu(path('peaks.h5mu'));
    const peaks = joint.modalities.get('Peaks');
    expect(peaks?.var.strings('nearest_gene').slice(0, 3)).toEqual(['G0', 'G1', 'G2']);
    expect(peaks && numbersOf(peaks.var, 'nearest_gene_distance')[4]).toBe(100);
    await joint.close();
    expect(readFileSync(path('peaks.html'), 'utf8')).toMatch(/G\d+ chr\d:\d+-\d+/);
    const { code: second, stdout: json } = await run('multiome.h5ad', '-o', 'rna-alone.h5ad', '--json');
    expect(second).toBe(0);
    expect(JSON.parse(json)).toMatchObject({ cells: count, cellsWithBoth: count, newTokens: peakCount });
    const written = await openData(path('rna-alone.h5ad'));
    expect((written.obsm.get('X_scGPT_joint') as DenseArray).shape[0]).toBe(count);
    await written.close();
  });

  it('joins a mosaic and mixes batches', async () => {
    const { code, stdout, stderr } = await run('rna-of-120.h5ad', 'protein.h5ad', '-o', 'mosaic.h5mu');
    expect(code).toBe(0);
    expect(stderr).toContain('120 cells have both modalities, 0 RNA alone, 30 the other alone');
    expect(stdout).toContain('150 cells, 120 with both modalities');
    const joint = await openH5mu(path('mosaic.h5mu'));
    expect(numbersOf(joint.obs, 'scgpt_weight_rna').slice(120)).toEqual(Array(30).fill(0));
    const imputed = joint.obsm.get('scgpt_imputed_rna') as DenseArray; // of the cells without RNA too
    expect(imputed.shape[0]).toBe(count);
    expect(Array.from(imputed.values, Number).every(Number.isFinite)).toBe(true);
    await joint.close();
    const mixed = await run(
      'rna.h5ad',
      'protein.h5ad',
      '--batch-key',
      'batch',
      '--dar',
      '1',
      '-o',
      'mixed.h5mu',
      '--json',
    );
    expect(mixed.code).toBe(0);
    const other = await run('rna.h5ad', 'protein.h5ad', '-o', 'unmixed.h5mu', '--json');
    const places = async (file: string) => {
      const data = await openH5mu(path(file));
      const { values } = data.obsm.get('X_scGPT_joint') as DenseArray;
      const read = Array.from(values, Number);
      await data.close();
      return read;
    };
    expect(other.code).toBe(0);
    expect(await places('mixed.h5mu')).not.toEqual(await places('unmixed.h5mu'));
  });

  it('says in words what cannot be done', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['rna.h5ad', 'others.h5ad', '-o', 'x.h5mu'], /no cell is in both modalities.*other-/],
      [['rna-of-120.h5ad', 'protein.h5ad', '-o', 'x.h5ad'], /30 cells have no RNA/],
      [['rna.h5ad', '-o', 'x.h5ad'], /the file holds one modality/],
      [['whole.h5mu', '-o', 'x.h5mu'], /2 modalities beside rna/],
      [['rna.h5ad', 'protein.h5ad', '--batch-key', 'lane', '-o', 'x.h5mu'], /lane/],
      [['rna.h5ad', 'protein.h5ad', '--genes-gtf', 'genes.bed', '-o', 'x.h5mu'], /genes nearest to proteins/],
      [
        ['multiome.h5ad', '--genes-gtf', 'refseq.bed', '-o', 'x.h5mu'],
        /peaks name chromosomes chr1, chr2, chr3/,
      ],
      [['multiome.h5ad', '--genes-gtf', 'none.gtf', '-o', 'x.h5mu'], /none\.gtf/],
      [['rna.h5ad', 'protein.h5ad', '-o', 'rna.h5ad', '--force'], /would replace/],
    ];
    for (const [args, words] of cases) expectFailure(await run(...args), 2, words);
  });
});
