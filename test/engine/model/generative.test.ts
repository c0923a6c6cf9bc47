/** @file Generative pre-training, forward: the reference's numbers, who reads whom, and what padding may not change. */

import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { add, multiply, relu, stopGradient, where } from '../../../src/graph/ops/elementwise.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { softmax } from '../../../src/graph/ops/normalise.ts';
import { concat, reshape, slice, transpose } from '../../../src/graph/ops/shape.ts';
import { modelConfig } from '../../../src/model/config.ts';
import { generative, generativeInputs } from '../../../src/model/generative.ts';
import { scgpt } from '../../../src/model/scgpt.ts';
import { projectThird } from '../../../src/nn/attention.ts';
import { linear } from '../../../src/nn/linear.ts';
import { layerNorm } from '../../../src/nn/norms.ts';
import { Scope } from '../../../src/nn/scope.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';
import { type ModelCase, readCase } from './fixture.ts';
import {
  cellOf,
  farthest,
  feedsOf,
  forward,
  generativeCases,
  type Outputs,
  realTokens,
  rowOf,
  run,
} from './generative-case.ts';

needsNativeRuntime();

/** Every tensor of the forward pass under the fixture's names. */
const everything: Outputs = (made) => {
  const outputs: Record<string, Value | undefined> = {
    'pcpt.input_emb': made.input.known,
    'gen.input_emb': made.input.unknown,
    pcpt_preds: made.expressionKnown.value,
    gen_preds: made.expressionUnknown.value,
    cell_emb: made.cell,
    mvc_pcpt: made.cellPromptedKnown?.value,
    mvc_gen: made.cellPromptedUnknown?.value,
  };
  made.layers.forEach(({ attended, output }, i) => {
    outputs[`pcpt.layer.${i}.attn_out`] = attended.known;
    outputs[`gen.layer.${i}.attn_out`] = attended.unknown;
    outputs[`pcpt.layer.${i}.output`] = output.known;
    outputs[`gen.layer.${i}.output`] = output.unknown;
  });
  return outputs;
};

describe.each(generativeCases)('%s', (name) => {
  for (const sizes of ['fixed', 'named'] as const) {
    it(`gives every tensor of the first pass with ${sizes} sizes`, async () => {
      const fixture = await readCase(name);
      const results = await forward(fixture, feedsOf(fixture), everything, { sizes });
      expect(Object.keys(results)).toHaveLength(7 + 4 * fixture.config.layers);
      for (const [key, tensor] of Object.entries(results)) fixture.check(key, tensor);
    });
  }

  it('gives the second pass, prompted by the cell embedding of the first, in one graph', async () => {
    const fixture = await readCase(name);
    const graph = new Graph();
    const feeds = feedsOf(fixture);
    const [cells, known] = feeds.knownGenes.shape;
    const inputs = generativeInputs(graph, { cells, known, unknown: feeds.unknownGenes.shape[1] });
    const scope = new Scope(graph);
    const first = generative(scope, fixture.config, inputs);
    const second = generative(scope, fixture.config, inputs, { cellPrompt: stopGradient(first.cell) });
    graph.output('second.pcpt_preds', second.expressionKnown.value);
    graph.output('second.gen_preds', second.expressionUnknown.value);
    graph.output('second.cell_emb', second.cell);
    const results = await run(graph, fixture.state, feeds);
    for (const [key, tensor] of Object.entries(results)) fixture.check(key, tensor);
  });

  it('computes of the known stream what the model without an unknown stream computes', async () => {
    const fixture = await readCase(name);
    const graph = new Graph();
    const { knownGenes: genes, knownValues: values, knownKeep: keep } = generativeInputs(graph);
    graph.output(
      'pcpt_alone.output',
      scgpt(new Scope(graph), fixture.config, { genes, values, keep }).tokens,
    );
    const alone = await run(graph, fixture.state, feedsOf(fixture));
    fixture.check('pcpt_alone.output', alone['pcpt_alone.output']);
  });

  it('lets each token read the tokens that the reference lets it read', async () => {
    const fixture = await readCase(name);
    const pattern = fixture.tensor('out/attention_pattern');
    const valid = [fixture.tensor('valid_pcpt'), fixture.tensor('valid_gen')];
    const found = await whoReadsWhom(fixture);
    const [cells, tokens] = pattern.shape;
    const known = valid[0].shape[1];
    let compared = 0;
    for (let cell = 0; cell < cells; cell++) {
      for (let query = 0; query < tokens; query++) {
        const [mask, place] = query < known ? [valid[0], query] : [valid[1], query - known];
        if (mask.data[cell * mask.shape[1] + place] === 0) continue;
        const row = (cell * tokens + query) * tokens;
        const expected = Array.from(pattern.data.subarray(row, row + tokens) as BigInt64Array, Number);
        expect(Array.from(found.subarray(row, row + tokens)), `cell ${cell} token ${query}`).toEqual(
          expected,
        );
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(cells);
  });

  it('equals attention over all tokens at once under a dense mask', async () => {
    const fixture = await readCase(name);
    const feeds = feedsOf(fixture);
    const graph = new Graph();
    const [cells, known] = feeds.knownGenes.shape;
    const [, unknown] = feeds.unknownGenes.shape;
    const inputs = generativeInputs(graph, { cells, known, unknown });
    const scope = new Scope(graph);
    const made = generative(scope, fixture.config, inputs);
    const mask = graph.constant(denseMask(fixture));
    let x = concat([made.input.known, made.input.unknown], 1); // [cells, known + unknown, d]
    for (let i = 0; i < fixture.config.layers; i++) {
      x = denseLayer(scope.at('transformer_encoder', 'layers', i), fixture, x, known, mask);
    }
    graph.output('apart', concat([made.known, made.unknown], 1));
    graph.output('dense', x);
    const { apart, dense } = await run(graph, fixture.state, feeds);
    expect(apart.shape).toEqual([cells, known + unknown, fixture.config.embeddingSize]);
    expect(farthest(apart.data as Float32Array, dense.data as Float32Array)).toBeLessThan(1e-5);
  });

  it('gives each cell the same numbers alone, without padding', async () => {
    const fixture = await readCase(name);
    const outputs: Outputs = (made) => ({
      known: made.expressionKnown.value,
      unknown: made.expressionUnknown.value,
      prompted: made.cellPromptedUnknown?.value,
    });
    const together = await forward(fixture, feedsOf(fixture), outputs);
    for (let cell = 0; cell < together.known.shape[0]; cell++) {
      const alone = await forward(fixture, cellOf(fixture, cell), outputs);
      for (const key of ['known', 'unknown', 'prompted']) {
        const { data, shape } = alone[key];
        const expected = rowOf<Float32Array>(together[key], cell, shape[1]);
        expect(farthest(data as Float32Array, expected), `cell ${cell} ${key}`).toBeLessThan(1e-5);
      }
    }
  });
});

it('gives real rows the same numbers whatever stands at padding', async () => {
  const fixture = await readCase('generative-pretraining');
  const feeds = feedsOf(fixture);
  const outputs: Outputs = (made) => ({
    cell: made.cell,
    known: made.expressionKnown.value,
    unknown: made.expressionUnknown.value,
  });
  const before = await forward(fixture, feeds, outputs);
  const altered: NamedTensors = {
    ...feeds,
    knownGenes: whereDropped(feeds.knownGenes, fixture.tensor('valid_pcpt'), 7),
    knownValues: whereDropped(feeds.knownValues, fixture.tensor('valid_pcpt'), 300),
    unknownGenes: whereDropped(feeds.unknownGenes, fixture.tensor('valid_gen'), 11),
  };
  expect(altered.unknownGenes.data).not.toEqual(feeds.unknownGenes.data);
  const after = await forward(fixture, altered, outputs);
  expect(after.cell.data).toEqual(before.cell.data);
  for (const [key, mask] of [
    ['known', 'valid_pcpt'],
    ['unknown', 'valid_gen'],
  ]) {
    for (let cell = 0; cell < after.cell.shape[0]; cell++) {
      const real = realTokens(fixture.tensor(mask), cell);
      expect(rowOf(after[key], cell, real)).toEqual(rowOf(before[key], cell, real));
    }
    expect(after[key].data).not.toEqual(before[key].data); // padding itself is computed of what stands there
  }
});

it('refuses configurations that generative pre-training does not have', async () => {
  const { config } = await readCase('generative-pretraining');
  const build = (fields: Partial<typeof config>) => () => {
    const graph = new Graph();
    generative(new Scope(graph), modelConfig({ ...config, ...fields }), generativeInputs(graph));
  };
  expect(build({})).not.toThrow();
  expect(build({ architecture: 'standard' })).toThrow(/cannot have architecture standard.*flag_encoder/);
  expect(build({ inputStyle: 'scaling' })).toThrow(/inputStyle scaling/);
  expect(build({ cellEmbeddingStyle: 'avg-pool' })).toThrow(/cellEmbeddingStyle avg-pool/);
  expect(build({ explicitZeroProbability: true })).toThrow(/explicitZeroProbability true/);
  expect(build({ useBatchLabels: true, batchCount: 2 })).toThrow(/useBatchLabels true/);
  expect(build({ inputBatchNorm: 'shared' })).toThrow(/inputBatchNorm shared/);
});

/** The same tensor with another value at padding. */
function whereDropped(tensor: Tensor, keep: Tensor, value: number): Tensor {
  const altered = { ...tensor, data: tensor.data.slice() } as Tensor<'int32' | 'float32'>;
  keep.data.forEach((kept: unknown, i: number) => {
    if (kept === 0) altered.data[i] = value;
  });
  return altered;
}

/** By changing one input token at a time in a model of one layer: `[cells, tokens, tokens]`, row reads column. */
async function whoReadsWhom(fixture: ModelCase): Promise<Uint8Array> {
  const oneLayer = { state: fixture.state, config: { ...fixture.config, layers: 1 } };
  const feeds = feedsOf(fixture);
  const known = feeds.knownGenes.shape[1];
  const [cells, tokens] = fixture.tensor('out/attention_pattern').shape;
  const width = fixture.config.embeddingSize;
  const rows = async (given: NamedTensors): Promise<Float32Array> => {
    const outputs: Outputs = (made) => ({ rows: concat([made.known, made.unknown], 1) });
    return (await forward(oneLayer, given, outputs)).rows.data as Float32Array;
  };
  const before = await rows(feeds);
  const pattern = new Uint8Array(cells * tokens * tokens);
  for (let column = 0; column < tokens; column++) {
    const [name, place] = column < known ? ['knownGenes', column] : ['unknownGenes', column - known];
    const { shape, data } = feeds[name];
    const changed = Int32Array.from(data as Int32Array, (gene, i) =>
      i % shape[1] === place ? (gene + 29) % 57 : gene,
    );
    const after = await rows({ ...feeds, [name]: { dtype: 'int32', shape, data: changed } });
    for (let row = 0; row < cells * tokens; row++) {
      const at = row * width;
      const differs = farthest(before.subarray(at, at + width), after.subarray(at, at + width)) > 0;
      pattern[row * tokens + column] = differs ? 1 : 0;
    }
  }
  return pattern;
}

/** bool `[cells, 1, tokens, tokens]`: real known columns for all, and each token's own column for unknown ones. */
function denseMask(fixture: ModelCase): Tensor {
  const keep = fixture.tensor('valid_pcpt');
  const [cells, known] = keep.shape;
  const tokens = known + fixture.tensor('valid_gen').shape[1];
  const data = new Uint8Array(cells * tokens * tokens);
  for (let cell = 0; cell < cells; cell++) {
    for (let query = 0; query < tokens; query++) {
      const row = (cell * tokens + query) * tokens;
      for (let key = 0; key < known; key++) data[row + key] = Number(keep.data[cell * known + key]);
      if (query >= known) data[row + query] = 1;
    }
  }
  return { dtype: 'bool', shape: [cells, 1, tokens, tokens], data };
}

/** The layer over all tokens at once; rows of unknown genes take the context as it is, without the projection. */
function denseLayer(scope: Scope, { config }: ModelCase, x: Value, known: number, mask: Value): Value {
  const { embeddingSize: width, heads, hiddenSize } = config;
  const [cells, tokens] = x.shape;
  const at = scope.at('self_attn');
  const source = config.preNorm ? layerNorm(scope.at('norm1'), x) : x;
  const split = (third: 0 | 1 | 2): Value =>
    transpose(
      reshape(projectThird(at, source, third, width), [cells, tokens, heads, width / heads]),
      [0, 2, 1, 3],
    );
  const scores = multiply(matmul(split(0), split(1), { transposeRight: true }), (width / heads) ** -0.5);
  const mixed = matmul(softmax(where(mask, scores, -Infinity)), split(2));
  const context = reshape(transpose(mixed, [0, 2, 1, 3]), [cells, tokens, width]);
  const projected = linear(at.at('out_proj'), slice(context, 1, 0, known), width);
  const attended = add(source, concat([projected, slice(context, 1, known)], 1));
  const feedForward = (rows: Value): Value =>
    linear(scope.at('linear2'), relu(linear(scope.at('linear1'), rows, hiddenSize)), width);
  if (config.preNorm) {
    const norm2 = layerNorm(scope.at('norm2'), attended);
    return add(norm2, feedForward(norm2));
  }
  const norm1 = layerNorm(scope.at('norm1'), attended);
  return layerNorm(scope.at('norm2'), add(norm1, feedForward(norm1)));
}
