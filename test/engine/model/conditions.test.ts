/** @file Conditions join the input of every token: per cell and per gene, in both networks, with gradients to their tables. */

import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.ts';
import { type Condition, type ModelConfig, modelConfig } from '../../../src/model/config.ts';
import { createEmbedder } from '../../../src/model/embedder.ts';
import { createGenerator } from '../../../src/model/generate.ts';
import { generative, generativeInputs } from '../../../src/model/generative.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { cellInputs, scgpt } from '../../../src/model/scgpt.ts';
import { Scope } from '../../../src/nn/scope.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { addConditions } from '../../../src/train/added-conditions.ts';
import { pretrainingObjectives } from '../../../src/train/pretraining.ts';
import { needsNativeRuntime } from '../need.ts';
import { differentiated } from '../train/gradients.ts';
import { farthest, run } from './generative-case.ts';

needsNativeRuntime();

const conditions: readonly Condition[] = [
  { name: 'batch', of: 'cells', values: ['a', 'b', 'c'] },
  { name: 'kind', of: 'genes', values: ['rna', 'protein'] },
];
const width = 16;
const plain: ModelConfig = modelConfig({
  architecture: 'pretraining',
  vocabularySize: 12,
  embeddingSize: width,
  heads: 2,
  hiddenSize: 16,
  layers: 2,
  bins: 5,
});
const config: ModelConfig = { ...plain, conditions };
/** Random everywhere, norms too, so that no part of a sum is 1 or 0. */
const state = ruffled(initialParameters(config, 3));

function ruffled(parameters: StateDict): StateDict {
  return new Map(
    [...parameters].map(([name, { shape, data }]) => {
      const ruffle = (value: number, i: number) => value + 0.1 * Math.sin(7 * i + name.length);
      return [name, { dtype: 'float32', shape, data: (data as Float32Array).map(ruffle) }] as const;
    }),
  );
}

const int32 = (shape: readonly number[], ...data: number[]): Tensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(data),
});
const float32 = (shape: readonly number[], ...data: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

/** Three cells: one of batch `c`, one without, one of batch `a`; genes 4 and 7 are proteins, 5 is nothing. */
const batchRows = [3, 0, 1];
const kindOf = (gene: number) => (gene < 3 || gene === 5 ? 0 : gene === 4 || gene === 7 ? 2 : 1);
const genes = [1, 4, 5, 9, 1, 6, 7, 8, 1, 9, 4, 10];
const unknown = [7, 3, 5, 4, 11, 6];
const feeds: NamedTensors = {
  genes: int32([3, 4], ...genes),
  values: float32([3, 4], -2, 1, 2, 3, -2, 4, 1, 1, -2, 2, 3, 0),
  'condition/batch': int32([3], ...batchRows),
  'condition/kind': int32([3, 4], ...genes.map(kindOf)),
  'condition/kind/known': int32([3, 4], ...genes.map(kindOf)),
  unknownGenes: int32([3, 2], ...unknown),
  'condition/kind/unknown': int32([3, 2], ...unknown.map(kindOf)),
  target: float32([3, 2], 1, 2, 3, 4, 2, 1),
  scored: { dtype: 'bool', shape: [3, 2], data: new Uint8Array(6).fill(1) },
};
const generativeFeeds: NamedTensors = {
  ...feeds,
  knownGenes: feeds.genes,
  knownValues: feeds.values,
  knownKeep: { dtype: 'bool', shape: [3, 4], data: new Uint8Array(12).fill(1) },
};

/** A row of a condition's table after its layer norm. */
function embedded(name: string, row: number): number[] {
  const of = (end: string) => state.get(`condition_encoder.${name}.${end}`)?.data as Float32Array;
  const values = [...of('embedding.weight').subarray(row * width, (row + 1) * width)];
  const mean = values.reduce((total, value) => total + value) / width;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / width;
  return values.map(
    (value, i) =>
      ((value - mean) / Math.sqrt(variance + 1e-5)) * of('enc_norm.weight')[i] + of('enc_norm.bias')[i],
  );
}

/** What the conditions add to tokens of the three cells, `[cells, tokens, d]`. */
function added(tokens: readonly number[]): number[] {
  const length = tokens.length / 3;
  return tokens.flatMap((gene, place) => {
    const ofGene = embedded('kind', kindOf(gene));
    return embedded('batch', batchRows[Math.floor(place / length)]).map((value, i) => value + ofGene[i]);
  });
}

describe('the forward pass', () => {
  it('adds the row of each cell and of each gene, "not given" too, to every token', async () => {
    const outputs = async (which: ModelConfig) => {
      const graph = new Graph();
      const made = scgpt(new Scope(graph), which, cellInputs(graph, which, { padded: false }));
      graph.output('input', made.input);
      return (await run(graph, state, feeds)).input.data as Float32Array;
    };
    const without = await outputs(plain);
    const expected = added(genes).map((value, i) => value + without[i]);
    expect(farthest(await outputs(config), expected)).toBeLessThan(2e-6);
  });

  it('adds them to known and to unknown genes alike', async () => {
    const outputs = async (which: ModelConfig) => {
      const graph = new Graph();
      const inputs = generativeInputs(graph, { conditions: which.conditions });
      const made = generative(new Scope(graph), which, inputs);
      graph.output('known', made.input.known);
      graph.output('unknown', made.input.unknown);
      return run(graph, state, generativeFeeds);
    };
    const [without, got] = [await outputs(plain), await outputs(config)];
    for (const [stream, tokens] of [
      ['known', genes],
      ['unknown', unknown],
    ] as const) {
      const base = without[stream].data as Float32Array;
      const expected = added(tokens).map((value, i) => value + base[i]);
      expect(farthest(got[stream].data as Float32Array, expected), stream).toBeLessThan(2e-6);
    }
  });
});

describe('training', () => {
  const losses = (cellPrompted: boolean) => (graph: Graph) => ({
    loss: pretrainingObjectives(config, { cellPrompted })(graph).total,
  });
  const given = (parameters: StateDict): NamedTensors => ({
    ...generativeFeeds,
    ...Object.fromEntries(parameters),
  });

  it('reaches the rows that occur, and no other', async () => {
    const { gradients } = await differentiated(losses(true), given(state));
    const rowsMoved = (name: string): number[] => {
      const { shape, data } = gradients.get(`condition_encoder.${name}.embedding.weight`) as Tensor;
      const rows = Array.from({ length: shape[0] }, (_, row) => row);
      return rows.filter((row) =>
        (data as Float32Array).subarray(row * width, (row + 1) * width).some(Boolean),
      );
    };
    expect(rowsMoved('batch')).toEqual([0, 1, 3]);
    expect(rowsMoved('kind')).toEqual([0, 1, 2]);
  });

  it('goes down the slope that the loss has', async () => {
    const name = 'condition_encoder.kind.embedding.weight';
    const { gradients } = await differentiated(losses(false), given(state));
    const gradient = gradients.get(name)?.data as Float32Array;
    const squared = gradient.reduce((total, value) => total + value * value, 0);
    const step = 1e-3 / Math.sqrt(squared);
    const lossAt = async (along: number): Promise<number> => {
      const table = state.get(name) as Tensor;
      const data = (table.data as Float32Array).map((value, i) => value + along * gradient[i]);
      return (
        await differentiated(losses(false), given(new Map(state).set(name, { ...table, data } as Tensor)))
      ).loss;
    };
    const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    expect(Math.abs(slope / squared - 1)).toBeLessThan(0.02);
  });
});

describe('the embedder', () => {
  const batch = {
    cells: 3,
    length: 4,
    genes: feeds.genes.data as Int32Array,
    values: feeds.values.data as Float32Array,
  };
  const given = new Map([
    ['batch', Int32Array.from(batchRows)],
    ['kind', Int32Array.from(genes, kindOf)],
  ]);

  async function embed(
    model: { config: ModelConfig; parameters: StateDict },
    rows?: ReadonlyMap<string, Int32Array>,
    batching: 'one-by-one' | 'padded' = 'one-by-one',
  ): Promise<Float32Array> {
    const device = await openDevice({ device: 'cpu', threads: 1 });
    const embedder = await createEmbedder(device, model.config, model.parameters, {
      batching,
      unitLength: false,
    });
    const out = new Float32Array(3 * width);
    try {
      await embedder.embed({ ...batch, conditions: rows }, out);
    } finally {
      await embedder.dispose();
    }
    return out;
  }

  it('gives what the forward pass gives, cell by cell or together', async () => {
    const graph = new Graph();
    const made = scgpt(new Scope(graph), config, cellInputs(graph, config, { padded: false }));
    graph.output('cell', made.cell);
    const expected = (await run(graph, state, feeds)).cell.data as Float32Array;
    const model = { config, parameters: state };
    expect(farthest(await embed(model, given), expected)).toBeLessThan(5e-6);
    expect(farthest(await embed(model, given, 'padded'), expected)).toBeLessThan(5e-6);
  });

  it('takes what is left out as not given', async () => {
    const model = { config, parameters: state };
    const zeros = new Map([
      ['batch', new Int32Array(3)],
      ['kind', new Int32Array(12)],
    ]);
    const without = await embed(model);
    expect(await embed(model, zeros)).toEqual(without);
    expect(farthest(await embed(model, given), without)).toBeGreaterThan(0.01);
  });

  it('gives for a model with conditions just added what it gave before', async () => {
    const parameters = initialParameters(plain, 3);
    const grown = addConditions(plain, parameters, conditions, 4);
    const before = await embed({ config: plain, parameters });
    expect(await embed(grown, given)).toEqual(before);
  });

  it('refuses rows that the table does not have, and other numbers of them', async () => {
    const model = { config, parameters: state };
    await expect(embed(model, new Map([['batch', Int32Array.of(0, 4, 0)]]))).rejects.toThrow(
      /condition 'batch' 4 is outside the model.*0 to 3/,
    );
    await expect(embed(model, new Map([['kind', new Int32Array(3)]]))).rejects.toThrow(
      /condition\/kind has 3 elements.*12/,
    );
  });
});

describe('the generator', () => {
  it('generates as where no condition is given', async () => {
    const device = await openDevice({ device: 'cpu', threads: 1 });
    const generator = createGenerator(device, config, state);
    const prompt = {
      genes: Int32Array.of(1, 4, 9),
      values: Float32Array.of(-2, 1, 3),
      wanted: Int32Array.of(7, 5),
    };
    const { values } = await generator.generateFromGenes({ ...prompt, steps: 1 });
    await generator.dispose();
    const graph = new Graph();
    const made = generative(new Scope(graph), config, generativeInputs(graph, { padded: false, conditions }));
    graph.output('values', made.expressionUnknown.value);
    const expected = await run(graph, state, {
      knownGenes: int32([1, 3], ...prompt.genes),
      knownValues: float32([1, 3], ...prompt.values),
      unknownGenes: int32([1, 2], ...prompt.wanted),
      'condition/batch': int32([1], 0),
      'condition/kind/known': int32([1, 3], 0, 0, 0),
      'condition/kind/unknown': int32([1, 2], 0, 0),
    });
    expect(farthest(values, expected.values.data as Float32Array)).toBeLessThan(5e-6);
  });
});
