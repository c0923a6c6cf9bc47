/** @file The paper's two findings on gene embeddings, on the bundled model: HLA classes separate, CD3 genes group. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mostSimilar } from '../../../src/analysis/gene-networks/graph.ts';
import {
  cosineSimilarity,
  embeddingSimilarity,
  type Similarity,
} from '../../../src/analysis/gene-networks/similarity.ts';
import { takeRows } from '../../../src/analysis/points.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { silent } from '../../../src/support/log.ts';
import { contextualEmbeddings, tokenEmbeddings } from '../../../src/tasks/grn/gene-embeddings.ts';
import { geneSpace } from '../../../src/tasks/grn/gene-space.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const classI = ['HLA-A', 'HLA-B', 'HLA-C', 'HLA-E', 'HLA-F'];
const classII = ['HLA-DRA', 'HLA-DRB1', 'HLA-DQA1', 'HLA-DQB1', 'HLA-DPA1', 'HLA-DPB1', 'HLA-DMA'];
const cd3 = ['CD3D', 'CD3E', 'CD3G'];
const others = ['CD79A', 'CD79B', 'MS4A1', 'LYZ', 'S100A8', 'NKG7', 'GNLY', 'PPBP', 'FCGR3A', 'ACTB'];

/** How often a pair of one class is more alike than a pair of two. */
function sameClassAuroc(
  { count, values }: Similarity,
  first: readonly number[],
  second: readonly number[],
): number {
  const within: number[] = [];
  const between: number[] = [];
  const all = [...first, ...second];
  all.forEach((a, i) => {
    for (const b of all.slice(i + 1)) {
      (first.includes(a) === first.includes(b) ? within : between).push(values[a * count + b]);
    }
  });
  let wins = 0;
  for (const w of within) for (const b of between) wins += w > b ? 1 : w === b ? 0.5 : 0;
  return wins / (within.length * between.length);
}

describe('embeddings of tokens alone', () => {
  it('separate HLA classes and group CD3 genes', async () => {
    const model = await openModel();
    const names = [...classI, ...classII, ...cd3, ...others];
    const tokens = Int32Array.from(names, (name) => model.vocabulary.id(name) ?? -1);
    expect([...tokens].every((token) => token >= 0)).toBe(true);
    const points = await tokenEmbeddings(await openDevice({ device: 'cpu' }), model, tokens);
    const similarity = cosineSimilarity(points);
    const indices = (list: readonly string[]) => list.map((name) => names.indexOf(name));
    const auroc = sameClassAuroc(similarity, indices(classI), indices(classII));
    const nearest = cd3.map((gene) => names[mostSimilar(similarity, names.indexOf(gene), 1)[0]]);
    console.log(`tokens: HLA pair AUROC ${auroc.toFixed(3)}; nearest of CD3 genes ${nearest.join(', ')}`);
    expect(auroc).toBeGreaterThan(0.8);
    expect(nearest.filter((gene) => cd3.includes(gene)).length).toBeGreaterThanOrEqual(2);
  });
});

const pbmc = fileURLToPath(new URL('../../../../shared/data/pbmc3k.h5ad', import.meta.url));

describe('embeddings in blood cells', () => {
  it('separate HLA classes and group CD3 genes', async (context) => {
    if (!existsSync(pbmc)) return context.skip('needs ../shared/data/pbmc3k.h5ad');
    const model = await openModel();
    const data = await openData(pbmc);
    try {
      const required = [...classI, ...classII, ...cd3];
      const space = await geneSpace(data, model, { genes: 1200, required }, silent, {});
      const device = await openDevice({ device: 'cpu' });
      const cells = Int32Array.from({ length: 150 }, (_, i) => Math.floor((i * data.nObs) / 150));
      const { points } = await contextualEmbeddings(device, model, space, { cells, seed: 0 });
      const { names } = space;
      const keep = Int32Array.from(names.keys()).filter((gene) =>
        Number.isFinite(points.values[gene * points.dimensions]),
      );
      const kept = Array.from(keep, (gene) => names[gene]);
      const similarity = embeddingSimilarity(takeRows(points, keep));
      const indices = (list: readonly string[]) =>
        list.map((name) => kept.indexOf(name)).filter((i) => i >= 0);
      const auroc = sameClassAuroc(similarity, indices(classI), indices(classII));
      const [d, e] = indices(['CD3D', 'CD3E']);
      const rank = [...mostSimilar(similarity, d)].indexOf(e) + 1;
      console.log(
        `in cells: HLA pair AUROC ${auroc.toFixed(3)}; rank of CD3E around CD3D ${rank} of ${kept.length}`,
      );
      expect(auroc).toBeGreaterThan(0.8);
      expect(rank).toBeLessThanOrEqual(20);
    } finally {
      await data.close();
    }
  }, 120_000);
});
