/** @file Embeddings of genes: the model's own, or what it makes of them inside given cells. */

import type { Points } from '../../analysis/points.ts';
import { createEmbedder } from '../../model/embedder.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { createGeneReader } from '../../model/gene-reader.ts';
import type { Device } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import { rowOf } from '../../single-cell/matrix.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { GeneSpace } from './gene-space.ts';

/** Embeddings of the vocabulary's genes as they enter the transformer, layer-normalised: `[genes, d]`. */
export async function tokenEmbeddings(
  device: Device,
  model: LoadedModel,
  tokens: Int32Array,
): Promise<Points> {
  const embedder = await createEmbedder(device, model.config, await model.parameters());
  try {
    const { width } = embedder;
    const { data } = await embedder.geneEmbeddings(); // [vocabulary, d]
    const values = new Float32Array(tokens.length * width);
    tokens.forEach((token, gene) => {
      values.set(data.subarray(token * width, (token + 1) * width), gene * width);
    });
    return { values, count: tokens.length, dimensions: width };
  } finally {
    await embedder.dispose();
  }
}

/** Options of {@link contextualEmbeddings}. */
export interface ContextOptions extends RunControl {
  /** Rows of the matrix that are read. */
  readonly cells: Int32Array;
  /** Layer, from 1. Default the last. */
  readonly layer?: number | undefined;
  readonly seed: number;
}

/** Means over cells, and in how many each gene was read. */
export interface ContextualEmbeddings {
  /** NaN for genes that no cell expresses. */
  readonly points: Points; // [genes, d]
  readonly cellsOfGene: Int32Array; // [genes]
}

/**
 * Mean over cells of each gene's output row of a layer, in the cells that express it. Cells are read one at a time and
 * forgotten.
 *
 * @throws CancelledError when the signal is aborted
 */
export async function contextualEmbeddings(
  device: Device,
  model: LoadedModel,
  { prepared, tokens }: GeneSpace,
  { cells, layer, seed, onProgress, signal }: ContextOptions,
): Promise<ContextualEmbeddings> {
  const { config } = model;
  const reader = await createGeneReader(device, config, await model.parameters(), {
    reading: 'states',
    layer,
  });
  const tokenizer = new CellTokenizer({
    panel: prepared.panel,
    clsValue: config.padValue,
    includeZeros: false,
    maxLength: config.maxLength,
    binner: new ValueBinner(config.bins, 'left'),
    seed,
  });
  const placeOf = new Int32Array(config.vocabularySize).fill(-1);
  tokens.forEach((token, gene) => {
    placeOf[token] = gene;
  });
  const { width } = reader;
  const sums = new Float64Array(tokens.length * width);
  const cellsOfGene = new Int32Array(tokens.length);
  try {
    for (const [done, row] of cells.entries()) {
      await breathe();
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while reading genes' });
      const block = await prepared.matrix.rows(row, row + 1);
      const cell = tokenizer.tokenize(rowOf(block, 0), `row ${row}`);
      const states = await reader.read(cell); // [tokens, d]
      cell.genes.forEach((token, at) => {
        const gene = placeOf[token];
        if (gene < 0) return;
        cellsOfGene[gene]++;
        for (let i = 0; i < width; i++) sums[gene * width + i] += states[at * width + i];
      });
      onProgress?.({ stage: 'reading genes in cells', done: done + 1, total: cells.length, unit: 'cells' });
    }
  } finally {
    await reader.dispose();
  }
  const values = Float32Array.from(sums, (sum, i) => sum / cellsOfGene[Math.floor(i / width)]);
  return { points: { values, count: tokens.length, dimensions: width }, cellsOfGene };
}
