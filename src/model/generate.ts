/**
 * @file Expression of genes generated from known genes, or from a cell embedding, in several steps, most confident first.
 *
 * Cui et al. 2024, Methods, attention mask: each step predicts all genes that are still unknown, and the most confident
 * ones join the known genes of the next step with the values predicted for them. The reference's code has no such
 * steps (its `gen_iters` is read by nothing); its single pass is ours with `steps` 1.
 */

import { Graph } from '../graph/graph.ts';
import { Scope } from '../nn/scope.ts';
import type { Device } from '../runtime/device.ts';
import type { Executable, NamedTensors } from '../runtime/executable.ts';
import { InputError, UsageError } from '../support/errors.ts';
import type { StateDict, Tensor } from '../support/tensor.ts';
import { conditionInput } from './conditions.ts';
import type { Condition, ModelConfig } from './config.ts';
import { generative, generativeInputs } from './generative.ts';

/** What every generation needs. */
interface GenerationRequest {
  /** Ids of the genes to generate, each once. */
  readonly wanted: Int32Array;
  /**
   * Steps, 1 or more. Each moves an equal share of the wanted genes to the known ones, those with the largest predicted
   * values ({@link mostConfident} says why); more steps than genes are as many steps as genes. One step predicts each
   * gene as if it were the only unknown one.
   */
  readonly steps: number;
}

/** Generation from known genes. */
export interface GenesPrompt extends GenerationRequest {
  /** Ids of the known genes, `<cls>` first. */
  readonly genes: Int32Array;
  /** Their expression as bins; that of `<cls>` is the pad value, as in pre-training. */
  readonly values: Float32Array;
}

/** Generation from a cell embedding. */
export interface CellPrompt extends GenerationRequest {
  /** The cell embedding as the model gives it, not scaled to unit length. */
  readonly cell: Float32Array;
}

/** Generated expression; both in the order of the wanted genes. */
export interface GeneratedExpression {
  /** Bins as predicted: not rounded, and below 0 where the model says so. */
  readonly values: Float32Array;
  /** The step, from 0, whose prediction each value is. */
  readonly steps: Int32Array;
}

/** Generates expression, one cell at a time; calls must not overlap. */
export interface ExpressionGenerator {
  /**
   * @throws InputError when a gene is given twice or is not the model's, or a value is not a number
   * @throws UsageError when sizes do not fit or steps are not a whole number above 0
   */
  generateFromGenes(prompt: GenesPrompt): Promise<GeneratedExpression>;
  /**
   * The cell embedding stands in the place of the `<cls>` row in every step, and is all that is known in the first.
   *
   * @throws InputError, UsageError as {@link ExpressionGenerator.generateFromGenes} does
   */
  generateFromCell(prompt: CellPrompt): Promise<GeneratedExpression>;
  dispose(): Promise<void>;
}

/**
 * Makes a model of generative pre-training ready to generate, its conditions not given. Weights are loaded when first needed, for each kind of
 * prompt; memory grows with known times wanted genes.
 *
 * @param parameters the checkpoint's parameters under official names, float32
 * @throws CheckpointError when the model was not made by generative pre-training
 */
export function createGenerator(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
): ExpressionGenerator {
  const graphs = { genes: generationGraph(config, false), cell: generationGraph(config, true) };
  const loaded = new Map<keyof typeof graphs, Promise<Executable>>();
  const executable = (kind: keyof typeof graphs): Promise<Executable> => {
    const loading = loaded.get(kind) ?? device.load(graphs[kind], parameters);
    loaded.set(kind, loading);
    return loading;
  };

  return {
    async generateFromGenes({ genes, values, wanted, steps }) {
      checkKnown(genes, values);
      checkWanted(config, genes, wanted, steps);
      const ready = await executable('genes');
      return generate(config, genes, values, wanted, steps, (feeds) => ready.run(feeds));
    },
    async generateFromCell({ cell, wanted, steps }) {
      checkCell(config, cell);
      checkWanted(config, Int32Array.of(), wanted, steps);
      const ready = await executable('cell');
      const prompt: Tensor = { dtype: 'float32', shape: [1, config.embeddingSize], data: cell };
      const first = { genes: Int32Array.of(0), values: Float32Array.of(config.padValue) }; // the embedding replaces both
      return generate(config, first.genes, first.values, wanted, steps, (feeds) =>
        ready.run({ ...feeds, cell: prompt }),
      );
    },
    async dispose() {
      for (const loading of loaded.values()) await (await loading).dispose();
      loaded.clear();
    },
  };
}

/** The graph from one cell's known genes, with the input `cell` from its embedding, to the values of unknown genes. */
function generationGraph(config: ModelConfig, prompted: boolean): Graph {
  const graph = new Graph();
  const { conditions } = config;
  const inputs = generativeInputs(graph, { cells: 1, padded: false, conditions });
  const cellPrompt = prompted ? graph.input('cell', 'float32', [1, config.embeddingSize]) : undefined;
  const made = generative(new Scope(graph), config, inputs, { cellPrompt });
  graph.output('values', made.expressionUnknown.value);
  return graph;
}

/** The steps of a generation. */
async function generate(
  { conditions }: ModelConfig,
  genes: Int32Array,
  values: Float32Array,
  wanted: Int32Array,
  steps: number,
  run: (feeds: NamedTensors) => Promise<NamedTensors>,
): Promise<GeneratedExpression> {
  const generated = { values: new Float32Array(wanted.length), steps: new Int32Array(wanted.length) };
  const known = { genes: Array.from(genes), values: Array.from(values) };
  let unknown = Array.from(wanted.keys()); // places among the wanted genes
  for (let step = 0; unknown.length > 0; step++) {
    const { values: predicted } = await run({
      knownGenes: int32Row(known.genes),
      knownValues: {
        dtype: 'float32',
        shape: [1, known.values.length],
        data: Float32Array.from(known.values),
      },
      unknownGenes: int32Row(unknown.map((place) => wanted[place])),
      ...conditionsNotGiven(conditions, known.genes.length, unknown.length),
    });
    const share = Math.ceil(unknown.length / (steps - step));
    const chosen = new Set(mostConfident(predicted.data as Float32Array, share));
    for (const index of chosen) {
      const place = unknown[index];
      const value = Number(predicted.data[index]);
      generated.values[place] = value;
      generated.steps[place] = step;
      known.genes.push(wanted[place]);
      known.values.push(value);
    }
    unknown = unknown.filter((_, index) => !chosen.has(index));
  }
  return generated;
}

/** Row 0 of every condition: a prompt has none. */
function conditionsNotGiven(
  conditions: readonly Condition[],
  known: number,
  unknown: number,
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const { name, of } of conditions) {
    if (of === 'cells') {
      feeds[conditionInput(name)] = { dtype: 'int32', shape: [1], data: new Int32Array(1) };
    } else {
      feeds[conditionInput(name, 'known')] = int32Row(new Array<number>(known).fill(0));
      feeds[conditionInput(name, 'unknown')] = int32Row(new Array<number>(unknown).fill(0));
    }
  }
  return feeds;
}

const int32Row = (ids: readonly number[]): Tensor => ({
  dtype: 'int32',
  shape: [1, ids.length],
  data: Int32Array.from(ids),
});

/**
 * Indices of the most confident predictions: the largest, at equal size the first.
 *
 * The paper takes "the highest prediction confidence" and its head gives none: it was trained by squared error, so it
 * predicts the mean of what a gene may be. Most genes are 0 or low in most cells. A mean near 0 is therefore what the
 * model answers where it knows least, while a large one takes evidence from the known genes; and expressed genes tell
 * the next step more about the cell than absent ones.
 */
function mostConfident(predicted: Float32Array, count: number): number[] {
  return Array.from(predicted.keys())
    .sort((a, b) => predicted[b] - predicted[a] || a - b)
    .slice(0, count);
}

function checkKnown(genes: Int32Array, values: Float32Array): void {
  if (genes.length === 0 || genes.length !== values.length) {
    throw new UsageError({
      what: `there are ${genes.length} known genes with ${values.length} values`,
      expected: 'a value for each, and at least <cls>',
      reason: 'length',
    });
  }
  requireNumbers('value', values);
}

function checkCell({ embeddingSize }: ModelConfig, cell: Float32Array): void {
  if (cell.length !== embeddingSize) {
    throw new UsageError({
      what: `the cell embedding has ${cell.length} numbers`,
      expected: `${embeddingSize}`,
      reason: 'length',
    });
  }
  requireNumbers('embedding', cell);
}

function requireNumbers(what: string, numbers: Float32Array): void {
  const wrong = numbers.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new InputError({
      what: `the ${what} at ${wrong} is ${numbers[wrong]}`,
      expected: 'a number',
      reason: 'value',
    });
  }
}

function checkWanted(config: ModelConfig, known: Int32Array, wanted: Int32Array, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new UsageError({ what: `steps is ${steps}`, expected: 'a whole number above 0', reason: 'steps' });
  }
  const seen = new Set<number>();
  for (const gene of [...known, ...wanted]) {
    if (gene < 0 || gene >= config.vocabularySize) {
      throw new InputError({
        what: `gene id ${gene} is outside the model`,
        expected: `0 to ${config.vocabularySize - 1}`,
        reason: 'range',
      });
    }
    if (seen.has(gene)) {
      throw new InputError({
        what: `gene id ${gene} is given twice`,
        expected: 'each known and each wanted gene once, and none both known and wanted',
        reason: 'duplicate',
      });
    }
    seen.add(gene);
  }
}
