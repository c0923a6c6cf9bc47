/** @file A generative fixture's inputs under our names, and runs of graphs over them. */

import { Graph, type Value } from '../../../src/graph/graph.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import {
  type GenerativeInputs,
  type GenerativeOutputs,
  generative,
  generativeInputs,
} from '../../../src/model/generative.ts';
import { Scope } from '../../../src/nn/scope.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import type { ModelCase } from './fixture.ts';

export const generativeCases = [
  'generative-pretraining',
  'generative-pretraining-no-pad',
  'generative-pretraining-pre-norm',
];

/** Names some results of the model. */
export type Outputs = (made: GenerativeOutputs) => Readonly<Record<string, Value | undefined>>;

/** The inputs of a case by the names of `GenerativeInputs`. */
export function feedsOf(fixture: ModelCase): Record<string, Tensor> {
  return {
    knownGenes: int32(fixture.tensor('in/pcpt_gene')),
    knownValues: fixture.tensor('in/pcpt_expr'),
    knownKeep: fixture.tensor('valid_pcpt'),
    unknownGenes: int32(fixture.tensor('in/gen_gene')),
  };
}

const int32 = ({ shape, data }: Tensor): Tensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(data as BigInt64Array, Number),
});

/** Real tokens of one cell: how many its row of a mask keeps. */
export function realTokens({ shape, data }: Tensor, cell: number): number {
  return (data as Uint8Array)
    .subarray(cell * shape[1], (cell + 1) * shape[1])
    .reduce((sum, one) => sum + one, 0);
}

/** One row of a matrix, cut to its first elements. */
export function rowOf<D extends Tensor['data']>({ shape, data }: Tensor, cell: number, length = shape[1]): D {
  return data.slice(cell * shape[1], cell * shape[1] + length) as D;
}

/** One cell without its padding. */
export function cellOf(fixture: ModelCase, cell: number): Record<string, Tensor> {
  const feeds = feedsOf(fixture);
  const known = realTokens(fixture.tensor('valid_pcpt'), cell);
  const unknown = realTokens(fixture.tensor('valid_gen'), cell);
  const row = (name: string, length: number): Tensor =>
    ({ dtype: feeds[name].dtype, shape: [1, length], data: rowOf(feeds[name], cell, length) }) as Tensor;
  return {
    knownGenes: row('knownGenes', known),
    knownValues: row('knownValues', known),
    unknownGenes: row('unknownGenes', unknown),
  };
}

/** Runs a graph; inputs that it does not read may be given. */
export async function run(graph: Graph, state: StateDict, feeds: NamedTensors): Promise<NamedTensors> {
  const executable = await (await openDevice({ device: 'cpu', threads: 2 })).load(graph, state);
  const needed = Object.fromEntries(executable.inputs.map((name) => [name, feeds[name]]));
  const results = await executable.run(needed);
  await executable.dispose();
  return results;
}

/** Builds the model, names some of its results and runs it: with sizes known when the graph is built, or named. */
export async function forward(
  { config, state }: { readonly config: ModelConfig; readonly state: StateDict },
  feeds: NamedTensors,
  outputs: Outputs,
  options: { readonly sizes?: 'fixed' | 'named'; readonly prompted?: boolean } = {},
): Promise<NamedTensors> {
  const graph = new Graph();
  const [cells, known] = feeds.knownGenes.shape;
  const [, unknown] = feeds.unknownGenes.shape;
  const sizes = options.sizes === 'named' ? {} : { cells, known, unknown };
  const inputs: GenerativeInputs = generativeInputs(graph, { ...sizes, padded: 'knownKeep' in feeds });
  const cellPrompt =
    options.prompted === true
      ? graph.input('cell', 'float32', [inputs.knownGenes.shape[0], config.embeddingSize])
      : undefined;
  const made = generative(new Scope(graph), config, inputs, { cellPrompt });
  for (const [name, value] of Object.entries(outputs(made))) {
    if (value !== undefined) graph.output(name, value);
  }
  return run(graph, state, feeds);
}

/** The largest distance between two arrays; Infinity where they differ in length or hold a NaN. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i] - b[i]);
    if (!(distance <= largest)) largest = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  }
  return largest;
}
