/** @file Integration on the bundled model: what it gives, and data so small that little can be said of them. */

import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { inMemory } from '../../../src/single-cell/in-memory.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { subsetObs } from '../../../src/single-cell/subset.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { correctedLayers } from '../../../src/tasks/integrate/corrected-layer.ts';
import { correctedScores } from '../../../src/tasks/integrate/corrected-scores.ts';
import {
  type IntegrateOptions,
  type IntegrateResult,
  integrate,
} from '../../../src/tasks/integrate/integrate.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { nativeRuntime, needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const demo = fileURLToPath(new URL('../../../demo/pbmc_three_sources.h5ad', import.meta.url));
const options = { epochs: 1, genes: 200, threads: 1, batchKey: 'batch' } as const;

describe('integration', () => {
  let whole: AnnData;

  beforeAll(async () => {
    if (nativeRuntime === undefined) return;
    const data = await openData(demo);
    const X = data.X && (await inMemory(data.X));
    whole = new AnnData({ obs: data.obs, var: data.var, X });
    await data.close();
  });

  /** The first cells of so many batches, by the batches they are to have. */
  const cellsIn = (batches: readonly string[]): AnnData => {
    const some = subsetObs(whole, Int32Array.from(batches.keys()));
    const obs = new DataFrame(some.obs.index, [
      ['batch', categorical(batches)],
      ['type', categorical(batches)],
    ]);
    return new AnnData({ obs, var: some.var, X: some.X });
  };
  const run = async (data: AnnData, more: Partial<IntegrateOptions> = {}): Promise<IntegrateResult> =>
    integrate(data, await openModel(), { ...options, ...more });

  const expectWhole = ({ integrated, layout, clusters, placed }: IntegrateResult, cells: number): void => {
    expect(integrated.shape[0]).toBe(cells);
    for (const { values } of [integrated, layout]) {
      expect(Array.from(values, Number).every(Number.isFinite)).toBe(true);
    }
    expect(clusters.codes.every((code) => code >= 0)).toBe(true);
    expect([...placed]).toEqual(Array.from({ length: cells }, (_, i) => i));
  };

  it.each([
    ['five cells of two batches', ['a', 'a', 'a', 'b', 'b']],
    ['batches of one cell beside one of two', ['a', 'a', 'b', 'c', 'd']],
    ['three cells', ['a', 'a', 'b']],
  ])('takes %s', async (_, batches) => {
    expectWhole(await run(cellsIn(batches)), batches.length);
    expectWhole(await run(cellsIn(batches), { zeroShot: true, epochs: undefined }), batches.length);
  });

  it('takes five cells by the published recipe', async () => {
    expectWhole(await run(cellsIn(['a', 'a', 'a', 'b', 'b']), { recipe: 'published' }), 5);
  });

  it('gives the cells before training where that is asked for, as all else is without', async () => {
    const data = cellsIn(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'a' : 'b')));
    const [plain, both] = [await run(data), await run(data, { asItWas: true })];
    expect(plain.asItWas).toBeNull();
    expect(both.integrated.values).toEqual(plain.integrated.values);
    const { asItWas } = both;
    if (asItWas === null) throw new Error('no embedding before training');
    expect(asItWas.shape).toEqual(both.cellEmbedding.shape);
    const first = Array.from(asItWas.values.subarray(0, 64), Number);
    expect(Math.hypot(...first)).toBeCloseTo(1, 5);
    const kept = both.outcome?.history.find(({ step }) => step === both.outcome?.bestStep)?.epoch;
    if (kept === 0) expect(asItWas.values).toEqual(both.cellEmbedding.values);
    else expect(asItWas.values).not.toEqual(both.cellEmbedding.values);
  });

  it.each(['neighbours', 'decoded'] as const)('corrects expression by %s', async (how) => {
    const data = cellsIn(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'a' : 'b')));
    const result = await run(data, { corrected: how });
    const { corrected, cells } = result;
    if (corrected === null) throw new Error('nothing corrected');
    const width = cells.expression.genes.length;
    expect(corrected.by).toBe(how);
    expect(corrected.values).toHaveLength(cells.rows.length * width);
    const known = [...cells.tokenIds.keys()].filter(
      (gene) => how === 'neighbours' || cells.tokenIds[gene] >= 0,
    );
    expect([...corrected.genes]).toEqual(known);
    corrected.values.forEach((value, i) => {
      expect(Number.isFinite(value)).toBe(known.includes(i % width));
    });
    const [[name, layer]] = correctedLayers(data, result);
    expect(name).toBe('scgpt_corrected');
    const { indptr, indices, values } = await layer.rows(0, 2);
    expect([...indptr]).toEqual([0, known.length, 2 * known.length]);
    expect([...indices.subarray(0, known.length)]).toEqual(known.map((gene) => cells.expression.genes[gene]));
    expect(values[0]).toBe(corrected.values[known[0]]);
    const { kinds, table } = await correctedScores(data, result, corrected, { labelKey: 'type', seed: 0 });
    expect(kinds).toBe('obs/type');
    expect(table.rows.map((row) => row.name)).toEqual([
      'layers/scgpt_corrected',
      'Centred by batch',
      'Observed',
    ]);
  });

  it('corrects nothing that was not integrated', async () => {
    const data = cellsIn(['a', 'a', 'b', 'b']);
    const refused = run(data, { zeroShot: true, epochs: undefined, corrected: 'neighbours' });
    await expect(refused).rejects.toThrow(/corrected/);
  });

  it('keeps the uncorrected components, which no batch moved', async () => {
    const { uncorrected, components } = await run(cellsIn(['a', 'a', 'a', 'b', 'b', 'b']));
    expect(uncorrected.shape[0]).toBe(6);
    expect(components?.values).not.toEqual(uncorrected.values);
  });

  it('refuses genes that the model does not know', async () => {
    const data = cellsIn(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'a' : 'b')));
    const found = await run(data, { genes: 5 });
    const chosen = new Set(found.cells.expression.genes);
    const names = data.var.index.map((name, gene) => (chosen.has(gene) ? `novel-${gene}` : name));
    const renamed = new AnnData({ obs: data.obs, var: new DataFrame(names, []), X: data.X });
    await expect(run(renamed, { genes: 5 })).rejects.toMatchObject({ reason: 'no_known_variable_gene' });
  });

  it('says that a batch of one cell tells nothing', async () => {
    const logger = new RecordingLogger();
    await run(cellsIn(['a', 'a', 'b']), { logger });
    expect(logger.warnings.join()).toMatch(/1 batch of one cell: b/);
  });
});
