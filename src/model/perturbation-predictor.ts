/** @file Predicted expression after a perturbation, for every measured gene, in pieces as large as those of training. */

import { Graph } from '../graph/graph.ts';
import { Scope } from '../nn/scope.ts';
import type { Device } from '../runtime/device.ts';
import type { Executable } from '../runtime/executable.ts';
import { breathe } from '../support/breathe.ts';
import { CancelledError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import type { StateDict } from '../support/tensor.ts';
import type { ModelConfig } from './config.ts';
import { type CellToPerturb, perturbedBatch } from './perturbed-cells.ts';
import { cellInputs, scgpt } from './scgpt.ts';

/** The genes a predictor works on. */
export interface PredictedPanel {
  /** The token of every gene, -1 for none. */
  readonly tokens: Int32Array; // [genes]
  readonly pad: number;
  /** Groups of columns that are predicted together; perturbed ones are added to each. All in one group is exact attention. */
  readonly groups: readonly Int32Array[];
}

/** How a predictor runs. */
export interface PredictorOptions {
  /** Rows of attention computed at a time, which bounds memory. Default 2,048. */
  readonly queriesAtOnce?: number | undefined;
}

/** Predicts. */
export interface PerturbationPredictor {
  /** Expression after, `[cells, genes]`; of genes without a token it is what it was before. */
  predict(cells: readonly CellToPerturb[], control?: RunControl): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Tokens in one run: small batches are as fast, and take less memory. */
const tokensOfRun = 4096;
/** Cells longer than this have a graph of their own, whose attention is split. */
const splitAbove = 2048;

/**
 * Makes a trained model ready to predict.
 *
 * Genes of a group see one another and the perturbed genes, as those of a training batch did.
 */
export async function createPerturbationPredictor(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
  { tokens, pad, groups }: PredictedPanel,
  { queriesAtOnce = splitAbove }: PredictorOptions = {},
): Promise<PerturbationPredictor> {
  const flexible = await device.load(predictorGraph(config), parameters);
  const long = new Map<number, Executable>();
  const executableFor = async (length: number): Promise<Executable> => {
    if (length <= queriesAtOnce) return flexible;
    const found =
      long.get(length) ?? (await device.load(predictorGraph(config, length, queriesAtOnce), parameters));
    long.set(length, found);
    return found;
  };

  const predictGroup = async (
    cells: readonly CellToPerturb[],
    first: number,
    group: Int32Array,
    out: Float32Array,
  ): Promise<void> => {
    const columns = withPerturbed(group, cells, tokens);
    const batch = perturbedBatch(cells, config, { columns, tokens, pad });
    const executable = await executableFor(batch.tokens);
    const needed = Object.fromEntries(executable.inputs.map((name) => [name, batch.feeds[name]]));
    const { expression } = await executable.run(needed);
    const own = new Set(group);
    const genes = tokens.length;
    cells.forEach((_, cell) => {
      columns.forEach((column, place) => {
        if (own.has(column)) {
          out[(first + cell) * genes + column] = Number(expression.data[cell * batch.tokens + place]);
        }
      });
    });
  };

  return {
    async predict(cells, { onProgress, signal } = {}) {
      const genes = tokens.length;
      const out = new Float32Array(cells.length * genes);
      cells.forEach(({ values }, cell) => {
        out.set(values, cell * genes);
      });
      const longest = groups.reduce((most, { length }) => Math.max(most, length), 1);
      const atOnce = Math.max(1, Math.floor(tokensOfRun / longest));
      for (let first = 0; first < cells.length; first += atOnce) {
        if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while predicting' });
        const some = cells.slice(first, first + atOnce);
        for (const group of groups) await predictGroup(some, first, group, out);
        onProgress?.({
          stage: 'predicting',
          done: first + some.length,
          total: cells.length,
          unit: 'profiles',
        });
        await breathe();
      }
      return out;
    },
    async dispose() {
      for (const executable of [flexible, ...long.values()]) await executable.dispose();
    },
  };
}

/** A group of genes and the perturbed ones of the cells that are not in it. */
function withPerturbed(group: Int32Array, cells: readonly CellToPerturb[], tokens: Int32Array): Int32Array {
  const all = new Set(group);
  for (const { perturbation } of cells) {
    for (const column of perturbation.columns) if (tokens[column] >= 0) all.add(column);
  }
  return Int32Array.from(all);
}

function predictorGraph(config: ModelConfig, tokens?: number, queriesAtOnce?: number): Graph {
  const graph = new Graph();
  const inputs = cellInputs(graph, config, tokens === undefined ? {} : { tokens });
  const { expression } = scgpt(new Scope(graph), { ...config, doMvc: false }, inputs, { queriesAtOnce });
  if (expression !== undefined) graph.output('expression', expression.value);
  return graph;
}
