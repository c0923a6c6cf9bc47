/** @file What embedding costs: floating-point operations of a cell and memory of a run, from the configuration alone. */

import type { Precision } from '../nn/scope.ts';
import type { ModelConfig } from './config.ts';
import { expectedParameters } from './parameters.ts';

/**
 * Floating-point operations to embed one cell, counting a multiplication and an addition as two; matrix products and
 * attention only. Where the cell embedding is the `<cls>` row, the last layer costs next to nothing.
 *
 * @param length tokens of the cell, `<cls>` included
 */
export function embeddingFlops(config: ModelConfig, length: number): number {
  const { embeddingSize: d, hiddenSize, heads, layers, cellEmbeddingStyle } = config;
  const rowwise = 4 * 2 * d * d + 2 * 2 * d * hiddenSize; // projections and feed-forward of one row
  const layer = length * rowwise + 4 * length * length * d;
  const firstRow = rowwise + 4 * heads * length * d; // scores and mixtures straight from the rows
  return (layers - 1) * layer + (cellEmbeddingStyle === 'cls' ? firstRow : layer);
}

/** What a run holds in memory, in bytes. */
export interface EmbeddingMemory {
  /** The checkpoint's parameters as loaded, the gene table, and the device's own copies. */
  readonly weights: number;
  /** Intermediate results at their largest. */
  readonly activations: number;
  readonly total: number;
}

/** Options of {@link embeddingMemory}. */
export interface EmbeddingMemoryOptions {
  /** Tokens of the longest cell. */
  readonly length: number;
  /** Cells computed together: 1, the default, on processors, the batch on graphics processors. */
  readonly cells?: number;
  readonly precision?: Precision;
}

const floatBytes = 4;

/** `[tokens, d]` arrays alive together inside a layer: its input, q, k, v, their copies by head, context and residual. */
const rowsAlive = 10;

/** The memory an embedder needs beside the program itself (about 100 MB) and the data. An estimate within about 20 %. */
export function embeddingMemory(
  config: ModelConfig,
  { length, cells = 1, precision = 'float32' }: EmbeddingMemoryOptions,
): EmbeddingMemory {
  const { embeddingSize: d, hiddenSize, heads, vocabularySize } = config;
  let parameters = 0;
  let transformer = 0;
  for (const { shape, part, buffer } of expectedParameters(config).values()) {
    if (buffer) continue;
    const size = shape.reduce((product, dim) => product * dim, 1);
    parameters += size;
    if (part === 'transformer') transformer += size;
  }
  const table = floatBytes * vocabularySize * d;
  const body = transformer * (precision === 'int8' ? 1 : floatBytes);
  // Loaded, made into a table, copied to the device; the body is also packed for matrix products.
  const weights = floatBytes * parameters + 2 * table + 2 * body;
  const rows = rowsAlive * d + hiddenSize;
  const scores = cells > 1 ? 2 * heads * length : 0; // padded batches store attention scores and probabilities
  const activations = floatBytes * cells * length * (rows + scores);
  return { weights, activations, total: weights + activations };
}

/** The most cells of a length that fit into `bytes` beside the weights; at least 1. */
export function cellsWithin(
  config: ModelConfig,
  bytes: number,
  { length, precision = 'float32' }: Omit<EmbeddingMemoryOptions, 'cells'>,
): number {
  const { weights } = embeddingMemory(config, { length, precision });
  const two = embeddingMemory(config, { length, precision, cells: 2 });
  return Math.max(1, Math.floor((bytes - weights) / (two.activations / 2)));
}
