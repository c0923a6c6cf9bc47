import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { AnnData } from '../../../../src/single-cell/anndata.ts';
import { openData } from '../../../../src/single-cell/open.ts';
import { GenePanel } from '../../../../src/single-cell/tokens/gene-panel.ts';
import { Vocabulary } from '../../../../src/single-cell/vocabulary.ts';
import { streamBatches } from '../../../../src/train/cells/stream.ts';
import { TrainingCells } from '../../../../src/train/cells/training-cells.ts';
import { fixturePath } from '../../single-cell/fixture-files.ts';

const demo = fileURLToPath(new URL('../../../../demo/pbmc_three_sources.h5ad', import.meta.url));
const opened: AnnData[] = [];
afterAll(async () => {
  for (const data of opened) await data.close();
});

/** The cells of a file, of which every gene is known. */
async function cellsOf(path: string, includeZeros = false) {
  const data = await openData(path);
  opened.push(data);
  const vocabulary = Vocabulary.fromTokens([...new Set(data.var.index), '<pad>', '<cls>', '<eoc>']);
  const ids = data.var.index.map((gene) => vocabulary.id(gene) ?? -1);
  const source = {
    matrix: data.X!,
    panel: new GenePanel(vocabulary, ids),
    names: data.obs.index,
    label: path.split('/').at(-1)!,
  };
  return { data, cells: new TrainingCells([source], { includeZeros }) };
}

async function epochOf(cells: TrainingCells) {
  const members = Int32Array.from({ length: cells.count }, (_, cell) => cell);
  const options = { seed: 1, epoch: 0, batch: { cells: 16, sortByLength: true } };
  const seen = [];
  const stream = streamBatches(cells, members, { ...options, length: ({ genes }) => genes.length });
  for await (const batch of stream) seen.push(...batch.cells);
  return seen;
}

describe('training cells from files', () => {
  it('brings every cell of a file once, with the values of its row', async () => {
    for (const includeZeros of [false, true]) {
      const { data, cells } = await cellsOf(demo, includeZeros);
      const seen = await epochOf(cells);
      expect(seen.map(({ row }) => row).sort((a, b) => a - b)).toEqual([...data.obs.index.keys()]);
      const whole = await data.X!.rows(0, data.nObs);
      for (const cell of seen) {
        expect(cell.name).toBe(data.obs.index[cell.row]);
        const [begin, end] = [whole.indptr[cell.row], whole.indptr[cell.row + 1]];
        const stored = [...whole.indices.subarray(begin, end)].map((gene, i) => [
          gene,
          Math.fround(whole.values[begin + i]),
        ]);
        const found = [...cell.genes].map((gene, i) => [gene, cell.values[i]]);
        expect(found.filter(([, value]) => value !== 0)).toEqual(stored.filter(([, value]) => value !== 0));
      }
    }
  });

  it('reads the same cells from sparse rows, sparse columns and dense rows', async () => {
    const read = async (name: string) => {
      const seen = await epochOf((await cellsOf(fixturePath(name))).cells);
      return seen.map(({ name, genes, values, key }) => `${name} ${key} ${genes} ${values}`);
    };
    const csr = await read('good/csr_f32_gzip.h5ad');
    expect(csr.length).toBeGreaterThan(3);
    expect(await read('good/csc_f32_lzf.h5ad')).toEqual(csr);
    expect(await read('good/dense_f32_contiguous.h5ad')).toEqual(csr);
  });

  it('says which cell of which file cannot be used', async () => {
    const failure = async (name: string) =>
      String(await epochOf((await cellsOf(fixturePath(name))).cells).catch((error: unknown) => error));
    expect(await failure('bad/nan_in_x_csr.h5ad')).toMatch(
      /cell \S+ of nan_in_x_csr.h5ad, gene \S+: the value is NaN/,
    );
    expect(await failure('bad/inf_in_x.h5ad')).toMatch(/of inf_in_x.h5ad, gene \S+: the value is Infinity/);
    expect(await failure('bad/negative_counts.h5ad')).toMatch(
      /of negative_counts.h5ad, gene \S+: the value is -/,
    );
    expect(await failure('bad/all_zeros.h5ad')).toMatch(
      /^InputError: all_zeros.h5ad: none of \d+ cells has a gene/,
    );
  });

  it('leaves out a cell without any gene, and tells which', async () => {
    const { data, cells } = await cellsOf(fixturePath('bad/one_empty_cell.h5ad'));
    const seen = await epochOf(cells);
    expect(seen.length).toBe(data.nObs - 1);
    expect(cells.emptyCells.length).toBe(1);
    expect(seen.map(({ row }) => row)).not.toContain(cells.emptyCells[0]);
  });
});
