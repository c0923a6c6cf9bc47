/** @file What training costs: floating-point operations of a step and memory of a run, from the configuration alone. */

import type { ModelConfig } from './config.ts';
import { expectedParameters } from './parameters.ts';

/** Cells of a batch and the tokens of each, padding included: in two streams as in pre-training, or in one. */
export type BatchShape =
  | { readonly cells: number; readonly known: number; readonly unknown: number }
  | { readonly cells: number; readonly tokens: number };

/** What a step does beside the plain forward and backward pass. */
export interface StepCost {
  /** Attention weights are computed again in the backward pass instead of stored. */
  readonly recompute?: boolean;
  /** Pre-training's second pass, from the cell embedding. */
  readonly cellPrompted?: boolean;
  /** Pre-training's contrast: the unknown genes pass as a cell of their own. */
  readonly contrast?: boolean;
}

/** What a run holds in memory, in bytes. */
export interface TrainingMemory {
  /** Parameters, moments and gradients, in all their copies. */
  readonly parameters: number;
  /** What the forward pass keeps for the backward pass, and intermediate results at their largest. */
  readonly activations: number;
  /** The program and the graphs of its steps. */
  readonly program: number;
  readonly total: number;
}

/** Options of {@link trainingMemory}. */
export interface TrainingMemoryOptions extends StepCost {
  /** Whether activations drop out. */
  readonly dropout?: boolean;
  /** Numbers that are trained; default all. */
  readonly trained?: number;
}

/**
 * Floating-point operations of one training step, counting a multiplication and an addition as two; matrix products and
 * attention only. The backward pass multiplies twice for each product of the forward pass.
 */
export function trainingFlops(
  { embeddingSize: d, hiddenSize, layers, doMvc }: ModelConfig,
  shape: BatchShape,
  { recompute = false, cellPrompted = false, contrast = false }: StepCost = {},
): number {
  const { cells, known, unknown } = inStreams(shape);
  const tokens = known + unknown;
  const projections = tokens * 6 * d * d + known * 2 * d * d; // unknown rows have no output projection
  const feedForward = tokens * 4 * d * hiddenSize;
  const scores = 2 * known * tokens * d; // an unknown row also meets itself: next to nothing
  const layer = projections + feedForward + 2 * scores;
  const predicted = unknown === 0 ? tokens : unknown;
  const fromRows = predicted * 4 * d * d;
  const fromCell = doMvc ? predicted * 2 * d * d : 0;
  const passes = cellPrompted ? 2 : 1;
  const other = contrast ? unknown + 1 : 0;
  const otherScores = 2 * other * other * d;
  const otherLayer = other * (8 * d * d + 4 * d * hiddenSize) + 2 * otherScores; // the last has one row: next to nothing
  const forward = passes * (layers * layer + fromRows) + fromCell + (layers - 1) * otherLayer;
  const again = recompute ? passes * layers * scores + (layers - 1) * otherScores : 0;
  return cells * (3 * forward + again);
}

const floatBytes = 4;
const megabyte = 1e6;

/**
 * Copies of every parameter: where training starts from, the current one, the best so far. Of a trained one beside: room
 * for the next, both moments twice, its gradient, and what the update makes of it on the way, as measured.
 */
const copies = { kept: 3, trained: 9.2 };

/** `[tokens, d]` arrays that a layer keeps for the backward pass. Measured. */
const rowsKept = 12.4;

/** Arrays of attention weights `[cells, heads, queries, keys]` that a layer keeps for it. Measured. */
const weightsKept = 0.8;

/** Those that are alive together in the backward pass of one layer, and what dropout adds. Measured. */
const weightsAlive = { stored: 4.2, recomputed: 4.8, dropout: 5.4 };

/** The program with ONNX Runtime, and the step's nodes for each layer and pass. Measured. */
const programBytes = { base: 110 * megabyte, layer: 14 * megabyte };

/**
 * The memory that training needs beside the data's own. Fitted to peak resident memory of the native runtime on Linux,
 * 1 to 12 layers, widths 16 to 512, 60 to 30,000 tokens a batch: within 15 %.
 */
export function trainingMemory(
  config: ModelConfig,
  shape: BatchShape,
  options: TrainingMemoryOptions = {},
): TrainingMemory {
  const { recompute = false, cellPrompted = false, contrast = false, dropout = false } = options;
  const { embeddingSize: d, heads, layers } = config;
  const { cells, known, unknown } = inStreams(shape);
  const size = parameterCount(config);
  const parameters = floatBytes * (copies.kept * size + copies.trained * (options.trained ?? size));
  const passes = cellPrompted ? 2 : 1;
  const other = contrast ? unknown + 1 : 0;
  const rowsOf = (tokens: number) => floatBytes * cells * tokens * d;
  const weightsOf = (queries: number, keys: number) => floatBytes * cells * heads * queries * keys;
  const weights = weightsOf(known + unknown, known);
  const otherWeights = weightsOf(other, other);
  const rows = passes * layers * rowsOf(known + unknown) + (layers - 1) * rowsOf(other);
  const stored = recompute ? 0 : passes * layers * weights + (layers - 1) * otherWeights;
  const alive =
    (recompute ? weightsAlive.recomputed : weightsAlive.stored) + (dropout ? weightsAlive.dropout : 0);
  const activations = rowsKept * rows + weightsKept * stored + alive * Math.max(weights, otherWeights);
  const program = programBytes.base + (passes + (contrast ? 1 : 0)) * layers * programBytes.layer;
  return { parameters, activations, program, total: parameters + activations + program };
}

/** Numbers that a configuration implies, running statistics left out. */
export function parameterCount(config: ModelConfig): number {
  let count = 0;
  for (const { shape, buffer } of expectedParameters(config).values()) {
    if (!buffer) count += shape.reduce((product, dim) => product * dim, 1);
  }
  return count;
}

function inStreams(shape: BatchShape): { cells: number; known: number; unknown: number } {
  return 'tokens' in shape ? { cells: shape.cells, known: shape.tokens, unknown: 0 } : shape;
}
