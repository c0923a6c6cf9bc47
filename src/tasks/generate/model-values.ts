/** @file What a generative model says of genes of a cell, given the others: value bins brought back to logged values. */

import type { Entries } from '../../analysis/imputation/hidden-entries.ts';
import type { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import { createEmbedder, type Embedder } from '../../model/embedder.ts';
import { createGenerator, type ExpressionGenerator } from '../../model/generate.ts';
import type { Device } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import { rowOf } from '../../single-cell/matrix.ts';
import { type CellTokens, sampleTokens } from '../../single-cell/tokens/cell-tokens.ts';
import { keyedDraws } from '../../single-cell/tokens/draws.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';

/** How cells are read. */
export interface ModelReading {
  readonly model: TrainedModel;
  readonly device: Device;
  /** Token of each gene, -1 for none. */
  readonly tokenIds: Int32Array; // [genes]
  readonly seed: number;
  /** What the model generates from: the genes that are seen, default, or the embedding of the cell alone. */
  readonly prompt?: 'genes' | 'cell' | undefined;
  /** Steps of a generation; default 1. In more, answers join what is known, and depend on what else is asked. */
  readonly steps?: number | undefined;
}

/** A cell as a prompt, and the logged values at the edges of its bins. */
export interface PromptedCell {
  readonly tokens: CellTokens;
  readonly edges: Float64Array; // [bins - 1], ascending
}

/**
 * Asks the model for entries of cells, from what is seen of each cell. In one step no answer depends on what else is
 * asked. Cells with more genes than the model was trained with are sampled.
 *
 * @returns logged values; NaN for genes without a token and cells of which nothing is known
 */
export async function modelValues(
  reading: ModelReading,
  expression: IncompleteExpression,
  asked: Entries,
  { onProgress, signal }: RunControl = {},
): Promise<Float64Array> {
  const { model, device, tokenIds } = reading;
  const generator = createGenerator(device, model.config, model.parameters);
  const embedder =
    reading.prompt === 'cell'
      ? await createEmbedder(device, model.config, model.parameters, { unitLength: false })
      : null;
  const values = new Float64Array(asked.genes.length).fill(Number.NaN);
  try {
    for (let cell = 0; cell < expression.cells; cell++) {
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while generating' });
      const [start, end] = [asked.indptr[cell], asked.indptr[cell + 1]];
      const places = Int32Array.from({ length: end - start }, (_, i) => start + i).filter(
        (place) => tokenIds[asked.genes[place]] >= 0,
      );
      const prompt = promptOf(reading, expression, cell);
      if (places.length > 0 && prompt !== null) {
        const wanted = places.map((place) => tokenIds[asked.genes[place]]);
        const cell = embedder === null ? null : await embeddingOf(embedder, prompt.tokens);
        const bins = await ask(generator, cell ?? prompt.tokens, wanted, reading.steps);
        places.forEach((place, i) => {
          values[place] = valueOfBin(prompt.edges, bins[i]);
        });
      }
      if (cell % 32 === 31 || cell + 1 === expression.cells) {
        onProgress?.({ stage: 'generating', done: cell + 1, total: expression.cells, unit: 'cells' });
        await breathe();
      }
    }
  } finally {
    await generator.dispose();
    await embedder?.dispose();
  }
  return values;
}

/** Bins of the wanted tokens, from known genes or from a cell embedding. */
export async function ask(
  generator: ExpressionGenerator,
  prompt: CellTokens | Float32Array,
  wanted: Int32Array,
  steps = 1,
): Promise<Float32Array> {
  const distinct = [...new Set(wanted)]; // columns of one token have one answer
  const asked = { wanted: Int32Array.from(distinct), steps };
  const { values } =
    prompt instanceof Float32Array
      ? await generator.generateFromCell({ ...asked, cell: prompt })
      : await generator.generateFromGenes({ ...asked, ...prompt });
  const place = new Map(distinct.map((token, i) => [token, i]));
  return Float32Array.from(wanted, (token) => values[place.get(token) ?? 0]);
}

/** The cell embedding as the model gives it. */
export async function embeddingOf(embedder: Embedder, { genes, values }: CellTokens): Promise<Float32Array> {
  const embedding = new Float32Array(embedder.width);
  await embedder.embed({ cells: 1, length: genes.length, genes, values }, embedding);
  return embedding;
}

/** The genes that are seen of a cell, by token, in bins; null where none has a token. */
export function promptOf(
  { model, tokenIds, seed }: ModelReading,
  { rows, logged }: IncompleteExpression,
  cell: number,
): PromptedCell | null {
  const { config, vocabulary } = model;
  const first = rows.indptr[cell];
  const counts = new Map<number, number>();
  rowOf(rows, cell).indices.forEach((gene, i) => {
    const token = tokenIds[gene];
    if (token >= 0) counts.set(token, (counts.get(token) ?? 0) + logged[first + i]);
  });
  if (counts.size === 0) return null;
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const binner = new ValueBinner(config.bins, 'left');
  const values = Float64Array.from(sorted, ([, value]) => value);
  const bins = new Float32Array(values.length);
  binner.bin(values, bins);
  const whole = {
    genes: Int32Array.from([vocabulary.cls, ...sorted.map(([token]) => token)]),
    values: Float32Array.from([config.padValue, ...bins]),
  };
  const tokens = sampleTokens(whole, 1, config.maxLength, keyedDraws(seed, 'prompt', cell));
  return { tokens, edges: binner.edges.slice() };
}

/** The logged value in the middle of a bin, bins between whole numbers interpolated; within the cell's own values. */
export function valueOfBin(edges: Float64Array, bin: number): number {
  const place = Math.min(edges.length - 1, Math.max(0, bin - 0.5)); // bin 1 lies between edges 0 and 1
  const below = Math.floor(place);
  const above = Math.min(edges.length - 1, below + 1);
  return edges[below] + (place - below) * (edges[above] - edges[below]);
}
