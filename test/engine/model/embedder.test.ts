/** @file Fast cell embeddings: the reference's numbers, bytes that do not depend on batch, order or threads, and refusals. */

import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../src/model/config.ts';
import { type CellBatch, createEmbedder, type EmbedderOptions } from '../../../src/model/embedder.ts';
import { type DeviceName, openDevice } from '../../../src/runtime/device.ts';
import { randomStream } from '../../../src/support/random.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';
import { type ModelCase, readCase } from './fixture.ts';

needsNativeRuntime();

function batchOf(fixture: ModelCase): CellBatch {
  const { shape, data } = fixture.tensor('in/src');
  const [cells, length] = shape;
  const valid = fixture.tensor('valid').data as Uint8Array;
  const lengths = Int32Array.from({ length: cells }, (_, cell) =>
    valid.subarray(cell * length, (cell + 1) * length).reduce((real, one) => real + one, 0),
  );
  const genes = Int32Array.from(data as BigInt64Array, Number);
  return { cells, length, lengths, genes, values: fixture.tensor('in/values').data as Float32Array };
}

interface Source {
  readonly config: ModelConfig;
  readonly state: StateDict;
}

async function embed(
  { config, state }: Source,
  batches: readonly CellBatch[],
  {
    threads = 2,
    device = 'cpu',
    ...options
  }: EmbedderOptions & { readonly threads?: number; readonly device?: DeviceName } = {},
): Promise<Float32Array> {
  const embedder = await createEmbedder(await openDevice({ device, threads }), config, state, options);
  const cells = batches.reduce((total, batch) => total + batch.cells, 0);
  const all = new Float32Array(cells * embedder.width);
  let done = 0;
  for (const batch of batches) {
    const rows = all.subarray(done * embedder.width, (done + batch.cells) * embedder.width);
    await embedder.embed(batch, rows);
    done += batch.cells;
  }
  await embedder.dispose();
  return all;
}

const asTensor = (data: Float32Array, width: number): Tensor => ({
  dtype: 'float32',
  shape: [data.length / width, width],
  data,
});

/** Cells of a batch in another order, `size` at a time, each batch as short as it can be. */
function rebatched(batch: CellBatch, order: readonly number[], size: number): CellBatch[] {
  const lengthOf = (cell: number): number => batch.lengths?.[cell] ?? batch.length;
  const batches: CellBatch[] = [];
  for (let start = 0; start < order.length; start += size) {
    const chosen = order.slice(start, start + size);
    const length = Math.max(...chosen.map(lengthOf));
    const genes = new Int32Array(chosen.length * length);
    const values = new Float32Array(chosen.length * length);
    chosen.forEach((cell, row) => {
      const from = cell * batch.length;
      genes.set(batch.genes.subarray(from, from + length), row * length);
      values.set(batch.values.subarray(from, from + length), row * length);
    });
    batches.push({ cells: chosen.length, length, lengths: Int32Array.from(chosen, lengthOf), genes, values });
  }
  return batches;
}

/** Random cells for a model of `big-shape`: lengths from 1 to `longest`, around the sizes at which kernels change. */
function randomCells(config: ModelConfig, cells: number, longest: number): CellBatch {
  const random = randomStream(7, 'cells');
  const lengths = Int32Array.from(
    { length: cells },
    (_, cell) => [1, 2, 16, 17, 65, 129][cell] ?? 1 + random.integer(longest),
  );
  const genes = Int32Array.from({ length: cells * longest }, () => random.integer(config.vocabularySize));
  const values = Float32Array.from({ length: cells * longest }, () => random.integer(config.bins));
  return { cells, length: longest, lengths, genes, values };
}

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe('embedder', () => {
  const ways: Record<string, EmbedderOptions> = {
    'one by one, by tables': {},
    'one by one, through the value encoder': { binned: false },
    'padded, by tables': { batching: 'padded' },
    'padded, through the value encoder': { batching: 'padded', binned: false },
  };
  for (const [way, options] of Object.entries(ways)) {
    it(`gives the reference's embeddings ${way}`, async () => {
      const fixture = await readCase('encode');
      const width = fixture.config.embeddingSize;
      const raw = await embed(fixture, [batchOf(fixture)], { ...options, unitLength: false });
      fixture.check('cell_emb', asTensor(raw, width));
      fixture.check('cell_emb_l2', asTensor(await embed(fixture, [batchOf(fixture)], options), width));
    });
  }

  it('gives them in WebAssembly', async () => {
    const fixture = await readCase('encode');
    const raw = await embed(fixture, [batchOf(fixture)], { device: 'wasm', unitLength: false });
    fixture.check('cell_emb', asTensor(raw, fixture.config.embeddingSize));
  });

  it('gives them at official width', async () => {
    const fixture = await readCase('big-shape');
    const raw = await embed(fixture, [batchOf(fixture)], { unitLength: false });
    fixture.check('cell_emb', asTensor(raw, fixture.config.embeddingSize));
  });

  it('gives them for the other input styles', async () => {
    for (const name of ['heads-input-category', 'heads-input-scaling']) {
      const fixture = await readCase(name);
      const raw = await embed(fixture, [batchOf(fixture)], { unitLength: false });
      fixture.check('cell_emb', asTensor(raw, fixture.config.embeddingSize));
    }
  });

  it('gives gene embeddings as the transformer sees them', async () => {
    const fixture = await readCase('encode');
    const embedder = await createEmbedder(await openDevice({ device: 'cpu' }), fixture.config, fixture.state);
    const table = await embedder.geneEmbeddings();
    const width = embedder.width;
    expect(table.shape).toEqual([fixture.config.vocabularySize, width]);
    const { genes } = batchOf(fixture);
    const rows = Array.from(genes, (gene) => [...table.data.subarray(gene * width, (gene + 1) * width)]);
    const shape = fixture.tensor('out/gene_emb').shape;
    fixture.check('gene_emb', { dtype: 'float32', shape, data: Float32Array.from(rows.flat()) });
    await embedder.dispose();
  });

  for (const precision of ['float32', 'int8'] as const) {
    it(`gives each cell the same bytes for any batch size, order and number of threads (${precision})`, async () => {
      const fixture = await readCase('big-shape');
      const cells = 24;
      const batch = randomCells(fixture.config, cells, 300);
      const inOrder = Array.from({ length: cells }, (_, cell) => cell);
      const reference = await embed(fixture, [batch], { precision, threads: 1 });
      const width = fixture.config.embeddingSize;
      for (const threads of [1, 2, 3]) {
        for (const size of [1, 8, 64]) {
          const order = size === 8 ? randomStream(1, 'order').shuffle([...inOrder]) : inOrder;
          const embedded = await embed(fixture, rebatched(batch, order, size), { precision, threads });
          const sorted = new Float32Array(embedded.length);
          order.forEach((cell, row) => {
            sorted.set(embedded.subarray(row * width, (row + 1) * width), cell * width);
          });
          expect(
            Buffer.from(sorted.buffer).equals(Buffer.from(reference.buffer)),
            `${threads} threads, ${size}`,
          ).toBe(true);
        }
      }
    });
  }

  it('stays close in 8 bits', async () => {
    const fixture = await readCase('big-shape');
    const batch = randomCells(fixture.config, 6, 300);
    const exact = await embed(fixture, [batch]);
    const quantised = await embed(fixture, [batch], { precision: 'int8' });
    const width = fixture.config.embeddingSize;
    for (let cell = 0; cell < batch.cells; cell++) {
      let cosine = 0;
      for (let i = cell * width; i < (cell + 1) * width; i++) cosine += exact[i] * quantised[i];
      expect(cosine).toBeGreaterThan(0.999);
      expect(cosine).toBeLessThan(1 - 1e-9); // it does run in 8 bits
    }
  });

  it('normalises each cell by its own batch, and refuses cells without one', async () => {
    const fixture = await readCase('dsbn');
    const batch = { ...batchOf(fixture), lengths: undefined };
    const domain = (k: number): CellBatch => ({ ...batch, domain: new Int32Array(batch.cells).fill(k) });
    const [zero, one] = [await embed(fixture, [domain(0)]), await embed(fixture, [domain(1)])];
    expect(farthest(zero, one)).toBeGreaterThan(1e-3);
    await expect(embed(fixture, [batch])).rejects.toThrow('normalises its input per batch');
    await expect(embed(fixture, [domain(3)])).rejects.toThrow(
      'batch 3 is outside the model. Expected 0 to 2',
    );
  });

  it('refuses what the model does not know', async () => {
    const fixture = await readCase('encode');
    const batch = batchOf(fixture);
    const changed = (values: Partial<CellBatch>): Promise<Float32Array> =>
      embed(fixture, [{ ...batch, ...values }]);
    await expect(changed({ genes: batch.genes.with(3, 60) })).rejects.toThrow(
      'gene id 60 is outside the model. Expected 0 to 59',
    );
    await expect(changed({ genes: batch.genes.with(0, -1) })).rejects.toThrow('gene id -1');
    for (const value of [0.5, 11, -3, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(changed({ values: batch.values.with(2, value) })).rejects.toThrow(
        `value ${value} at position 2`,
      );
    }
    await expect(changed({ lengths: Int32Array.of(0, 1, 1, 1, 1, 1) })).rejects.toThrow(
      'a cell has 0 tokens',
    );
    await expect(changed({ cells: 5 })).rejects.toThrow('genes has 84 elements. Expected 70 for 5 cells');
  });

  it('names a missing parameter', async () => {
    const fixture = await readCase('encode');
    const state = new Map(fixture.state);
    state.delete('transformer_encoder.layers.1.norm1.weight');
    await expect(embed({ ...fixture, state }, [batchOf(fixture)])).rejects.toThrow(
      "parameter 'transformer_encoder.layers.1.norm1.weight' is missing. Expected float32 [32]",
    );
  });
});
