/** @file Joining modalities on the bundled model: what comes out, of all cells and of a mosaic, and bad inputs. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { withTokens } from '../../../src/model/extended-vocabulary.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { CsrMatrix } from '../../../src/single-cell/csr-matrix.ts';
import { categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../../src/single-cell/h5ad/write.ts';
import { openH5mu } from '../../../src/single-cell/h5mu/node.ts';
import { inMemory } from '../../../src/single-cell/in-memory.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { subsetObs } from '../../../src/single-cell/subset.ts';
import { Vocabulary } from '../../../src/single-cell/vocabulary.ts';
import { randomStream } from '../../../src/support/random.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { multiomeFiles } from '../../../src/tasks/multiome/files.ts';
import { type MultiomeOptions, type MultiomeResult, multiome } from '../../../src/tasks/multiome/multiome.ts';
import { nativeRuntime, needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const demo = fileURLToPath(new URL('../../../demo/pbmc_three_sources.h5ad', import.meta.url));
const quick = { epochs: 1, genes: 150, threads: 1, validationShare: 0.2 } as const;
const count = 120;

describe('multiome', () => {
  let rna: AnnData;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scgpt-multiome-'));
    if (nativeRuntime === undefined) return;
    const data = await openData(demo);
    const some = subsetObs(data, randomStream(3, 'cells').sample(data.nObs, count));
    const X = some.X && (await inMemory(some.X));
    rna = new AnnData({ obs: some.obs, var: some.var, X });
    await data.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Counts of 12 proteins that tell the types of cells apart, for some of the cells. */
  function proteins(cells: readonly number[], scale = 1): AnnData {
    const types = categorical(rna.obs.strings('cell_type_broad'));
    const random = randomStream(5, 'proteins');
    const values = Float32Array.from({ length: cells.length * 12 }, (_, i) => {
      const high = (types.codes[cells[Math.floor(i / 12)]] + 12) % 12 === i % 12;
      return Math.floor(scale * ((high ? 80 : 4) + 3 * random.uniform()));
    });
    return new AnnData({
      obs: new DataFrame(cells.map((cell) => rna.obs.index[cell])),
      var: new DataFrame(Array.from({ length: 12 }, (_, j) => `CD${j}`)),
      X: new CsrMatrix([cells.length, 12], {
        indptr: Float64Array.from({ length: cells.length + 1 }, (_, row) => row * 12),
        indices: Int32Array.from(values, (_, i) => i % 12),
        values,
      }),
    });
  }
  const all = Array.from({ length: count }, (_, cell) => cell);
  const run = async (other: AnnData, more: Partial<MultiomeOptions> = {}): Promise<MultiomeResult> =>
    multiome({ rna, other, otherName: 'protein', kind: 'proteins' }, await openModel(), {
      ...quick,
      ...more,
    });

  it('gives every cell a place, weighs modalities and predicts proteins', async () => {
    const result = await run(proteins(all));
    expect(result.joint.shape[0]).toBe(count);
    expect(Array.from(result.joint.values, Number).every(Number.isFinite)).toBe(true);
    expect(result.clusters.codes.every((code) => code >= 0)).toBe(true);
    expect(result.trust.map(({ trust }) => trust)).toEqual([1, 1]);
    expect(result.tuned.newTokens).toBe(12);
    expect(result.tuned.model.vocabulary.id('p_CD3')).toBeDefined();
    expect(result.imputation?.scores[0].correlation).toBeGreaterThan(0.2);
    const again = await run(proteins(all));
    expect(again.joint.values).toEqual(result.joint.values);
  });

  it('joins a mosaic through the cells that have both', async () => {
    const result = await run(proteins(all.slice(40)));
    expect(result.cells.both).toBe(80);
    expect([...result.jointCells.weights.subarray(0, 2)]).toEqual([1, 0]);
    expect(Array.from(result.joint.values, Number).every(Number.isFinite)).toBe(true);
    expect(Array.from(result.imputation?.predicted.values.subarray(0, 12) ?? []).every(Number.isFinite)).toBe(
      true,
    );
  });

  it('refuses an empty modality, counts below zero and other cells', async () => {
    await expect(run(proteins(all, 0))).rejects.toThrow(/0 cells have a value above zero in protein/);
    await expect(run(proteins(all, -1))).rejects.toThrow(/the value is -/);
    const others = proteins(all);
    const renamed = new AnnData({
      obs: new DataFrame(all.map((cell) => `x${cell}`)),
      var: others.var,
      X: others.X,
    });
    await expect(run(renamed)).rejects.toThrow(/no cell is in both modalities/);
    const [part, whole] = ['part.h5ad', 'whole.h5ad'].map((name) => join(folder, name));
    await writeH5ad(subsetObs(rna, all.slice(40)), part);
    await writeH5ad(proteins(all), whole);
    const output = join(folder, 'lost.h5ad');
    await expect(multiomeFiles([part, whole], { ...quick, output })).rejects.toThrow(/40 cells have no RNA/);
  });

  it('writes h5mu with both modalities, h5ad with the results, and a report', async () => {
    const [rnaPath, otherPath] = ['rna.h5ad', 'protein.h5ad'].map((name) => join(folder, name));
    await writeH5ad(rna, rnaPath);
    await writeH5ad(proteins(all), otherPath);
    const output = join(folder, 'joint.h5mu');
    const report = join(folder, 'report.html');
    const done = await multiomeFiles([rnaPath, otherPath], {
      ...quick,
      output,
      report,
      kind: 'proteins',
      labelKey: 'cell_type_broad',
    });
    expect(done.cellsWithBoth).toBe(count);
    expect(done.scores.labelled?.rows.map(({ name }) => name)).toContain('weighted nearest neighbours');
    const mudata = await openH5mu(output);
    expect([...mudata.modalities.keys()]).toEqual(['rna', 'protein']);
    expect(mudata.obs.columns.has('scgpt_cluster')).toBe(true);
    expect(mudata.obsm.has('X_scGPT_joint')).toBe(true);
    await mudata.close();
    const h5ad = join(folder, 'joint.h5ad');
    await multiomeFiles([output], { ...quick, output: h5ad });
    const written = await openData(h5ad);
    expect(written.obsm.get('X_scGPT_joint')).toMatchObject({ shape: [count, expect.any(Number)] });
    expect(written.obsm.has('scgpt_imputed_protein')).toBe(true);
    expect(written.obs.columns.has('cell_type_broad')).toBe(true);
    await written.close();
  });
});

describe('withTokens', () => {
  it('keeps rows and ids, and draws new rows by name', () => {
    const vocabulary = Vocabulary.forGenes(['A', 'B']);
    const config = modelConfig({ vocabularySize: vocabulary.size, embeddingSize: 8, heads: 2, layers: 1 });
    const model = { config, vocabulary, parameters: initialParameters(config, 0) };
    const table = (of: { parameters: typeof model.parameters }) =>
      of.parameters.get('encoder.embedding.weight')?.data as Float32Array;
    const one = withTokens(model, ['p_X', 'A', 'p_Y'], 0);
    const other = withTokens(model, ['p_Y'], 0);
    expect(one.config.vocabularySize).toBe(vocabulary.size + 2);
    expect(one.vocabulary.tokens.slice(0, vocabulary.size)).toEqual(vocabulary.tokens);
    expect(table(one).slice(0, vocabulary.size * 8)).toEqual(table(model));
    expect(table(one).slice(-8)).toEqual(table(other).slice(-8));
    expect(withTokens(model, ['A'], 0)).toBe(model);
  });
});
