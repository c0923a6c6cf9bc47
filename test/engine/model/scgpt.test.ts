/** @file The forward pass against the reference's numbers, each within the tolerance its fixture states. */

import { describe, expect, it } from 'vitest';
import { dump } from '../../../src/graph/dump.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { cellInputs, type ForwardOptions, type ScgptOutputs, scgpt } from '../../../src/model/scgpt.ts';
import { attentionMaps } from '../../../src/nn/attention.ts';
import { batchDiscriminator } from '../../../src/nn/classifier.ts';
import { unitLength } from '../../../src/nn/pooling.ts';
import { Scope } from '../../../src/nn/scope.ts';
import { type DeviceName, openDevice } from '../../../src/runtime/device.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';
import { type ModelCase, readCase } from './fixture.ts';

needsNativeRuntime();

const int32 = ({ shape, data }: Tensor): Tensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(data as BigInt64Array, Number),
});

const invert = ({ shape, data }: Tensor): Tensor => ({
  dtype: 'bool',
  shape,
  data: Uint8Array.from(data as Uint8Array, (masked) => 1 - masked),
});

/** The inputs of a case by the names of `CellInputs`; `step` chooses among several batches of one case. */
function feedsOf(fixture: ModelCase, step = ''): Record<string, Tensor> {
  const { tensors } = fixture;
  const labels = tensors.get(`in/${step}batch_labels`);
  const feeds: Record<string, Tensor> = {
    genes: int32(fixture.tensor(`in/${step}src`)),
    values: fixture.tensor(`in/${step}values`),
    keep: invert(fixture.tensor(`in/${step}src_key_padding_mask`)),
  };
  if (labels !== undefined) {
    feeds.batch = int32(labels);
    feeds.domain = everyCell(feeds.batch); // the reference takes the first cell's for all
  }
  return feeds;
}

function everyCell({ shape, data }: Tensor): Tensor {
  return { dtype: 'int32', shape, data: new Int32Array(shape[0]).fill(Number(data[0])) };
}

async function run(
  graph: Graph,
  state: StateDict,
  feeds: NamedTensors,
  device: DeviceName = 'cpu',
): Promise<NamedTensors> {
  const executable = await (await openDevice({ device, threads: 2 })).load(graph, state);
  const needed = Object.fromEntries(executable.inputs.map((name) => [name, feeds[name]]));
  const results = await executable.run(needed);
  await executable.dispose();
  return results;
}

/** Builds the model of a case, names some of its results and runs it. */
async function forward(
  fixture: ModelCase,
  outputs: (
    made: ScgptOutputs,
    scope: Scope,
    keep: Value | undefined,
  ) => Readonly<Record<string, Value | undefined>>,
  options: ForwardOptions & { readonly tokens?: number; readonly device?: DeviceName } = {},
  feeds: NamedTensors = feedsOf(fixture),
): Promise<NamedTensors> {
  const graph = new Graph();
  const scope = new Scope(graph);
  const inputs = cellInputs(graph, fixture.config);
  const made = scgpt(scope, fixture.config, inputs, options);
  for (const [name, value] of Object.entries(outputs(made, scope, inputs.keep))) {
    if (value !== undefined) graph.output(name, value);
  }
  return run(graph, fixture.state, feeds, options.device);
}

const heads = (made: ScgptOutputs): Record<string, Value | undefined> => ({
  mlm_output: made.expression?.value,
  mlm_zero_probs: made.expression?.nonZeroProbability,
  mvc_output: made.cellPrompted?.value,
  mvc_zero_probs: made.cellPrompted?.nonZeroProbability,
  cell_emb: made.cell,
  cls_output: made.classes,
  batch_emb: made.batch,
});

describe('encoder', () => {
  it('gives the embeddings, every layer in pieces, and the cell embedding', async () => {
    const fixture = await readCase('encode');
    const results = await forward(fixture, (made, scope, keep) => {
      const outputs: Record<string, Value | undefined> = {
        gene_emb: made.genes,
        value_emb: made.values,
        input_emb: made.input,
        transformer_output: made.tokens,
        cell_emb: made.cell,
        cell_emb_l2: unitLength(made.cell),
      };
      const { embeddingSize: width, heads } = fixture.config;
      made.layers.forEach((layer, i) => {
        const before = made.layers[i - 1]?.output ?? made.input;
        const at = scope.at('transformer_encoder', 'layers', i, 'self_attn');
        const maps = attentionMaps(at, before, { width, heads, keep });
        outputs[`layer.${i}.qk`] = maps.scores;
        outputs[`layer.${i}.attention`] = maps.probabilities;
        outputs[`layer.${i}.attn_out`] = layer.attended;
        outputs[`layer.${i}.norm1`] = layer.norm1;
        outputs[`layer.${i}.output`] = layer.output;
      });
      return outputs;
    });
    expect(Object.keys(results)).toHaveLength(21);
    for (const [name, tensor] of Object.entries(results)) fixture.check(name, tensor);
  });

  it('embeds values above 512 as 512', async () => {
    const fixture = await readCase('encode');
    const feeds = { ...feedsOf(fixture), values: fixture.tensor('in/values_large') };
    const results = await forward(fixture, (made) => ({ value: made.values }), {}, feeds);
    fixture.check('value_emb_large', results.value);
  });

  for (const name of ['encode-flash-layout', 'encode-pre-norm']) {
    it(`agrees with ${name}`, async () => {
      const fixture = await readCase(name);
      const results = await forward(
        fixture,
        (made) => ({
          gene_emb: made.genes,
          value_emb: made.values,
          input_emb: made.input,
          'layer.0.output': made.layers[0].output,
          'layer.1.output': made.layers[1].output,
          'layer.2.output': made.layers[2].output,
          transformer_output: made.tokens,
          cell_emb: made.cell,
          cell_emb_l2: unitLength(made.cell),
        }),
        { padRows: 'zero-context' },
      );
      for (const [key, tensor] of Object.entries(results)) fixture.check(key, tensor);
    });
  }

  it('gives the same cell embedding when only the <cls> row of the last layer is computed', async () => {
    const fixture = await readCase('encode');
    const results = await forward(fixture, (made) => ({ cell_emb: made.cell }), { cellRowOnly: true });
    fixture.check('cell_emb', results.cell_emb);
  });

  it('holds at official width', async () => {
    const fixture = await readCase('big-shape');
    const results = await forward(fixture, (made) => ({
      'layer.0.output': made.layers[0].output,
      'layer.1.output': made.layers[1].output,
      mlm_output: made.expression?.value,
      mvc_output: made.cellPrompted?.value,
      cell_emb: made.cell,
      cls_output: made.classes,
    }));
    for (const [key, tensor] of Object.entries(results)) fixture.check(key, tensor);
  });
});

describe('heads', () => {
  const cases: Record<string, readonly string[]> = {
    'heads-inner-product': ['mlm_output', 'mvc_output', 'cell_emb', 'cls_output'],
    'heads-inner-product-detach': ['mlm_output', 'mvc_output', 'cell_emb', 'cls_output'],
    'heads-concat-query': ['mlm_output', 'mvc_output', 'cell_emb', 'cls_output'],
    'heads-sum-query': ['mlm_output', 'mvc_output', 'cell_emb', 'cls_output'],
    'heads-zero-prob': [
      'mlm_output',
      'mlm_zero_probs',
      'mvc_output',
      'mvc_zero_probs',
      'cell_emb',
      'cls_output',
    ],
    'heads-batch-labels': ['mlm_output', 'mvc_output', 'cell_emb', 'cls_output', 'batch_emb'],
    'heads-batch-labels-zero-prob': [
      'mlm_output',
      'mlm_zero_probs',
      'mvc_output',
      'mvc_zero_probs',
      'cell_emb',
      'cls_output',
      'batch_emb',
    ],
    'heads-input-category': ['mlm_output', 'mvc_output', 'cell_emb', 'cls_output'],
    'heads-input-scaling': ['mlm_output', 'mvc_output', 'cell_emb', 'cls_output'],
  };
  for (const [name, expected] of Object.entries(cases)) {
    it(`agrees with ${name}`, async () => {
      const fixture = await readCase(name);
      const results = await forward(fixture, heads);
      expect(Object.keys(results).sort()).toEqual([...expected].sort());
      for (const [key, tensor] of Object.entries(results)) fixture.check(key, tensor);
    });
  }

  for (const style of ['avg-pool', 'w-pool']) {
    const answers = [
      ['computed', `heads-cell-${style}`, ''],
      ['zero', `heads-cell-${style}`, '_fast_path'],
      ['zero-context', `heads-cell-${style}-flash`, ''],
    ] as const;
    for (const [padRows, name, suffix] of answers) {
      it(`pools with pad rows ${padRows} as ${name}`, async () => {
        const fixture = await readCase(name);
        const results = await forward(fixture, (made) => ({ cell: made.cell, classes: made.classes }), {
          padRows,
        });
        fixture.check(`cell_emb${suffix}`, results.cell);
        fixture.check(`cls_output${suffix}`, results.classes);
      });
    }

    it(`pools over real tokens alone by default (${style})`, async () => {
      const fixture = await readCase(`heads-cell-${style}`);
      const padded = await forward(fixture, (made) => ({ cell: made.cell }));
      const width = fixture.config.embeddingSize;
      const cell = 2; // 8 real tokens of 14
      const alone = await forward(
        fixture,
        (made) => ({ cell: made.cell }),
        {},
        cut(feedsOf(fixture), cell, 8),
      );
      const expected = (padded.cell.data as Float32Array).subarray(cell * width, (cell + 1) * width);
      expect(farthest(alone.cell.data as Float32Array, expected)).toBeLessThan(2e-6);
    });
  }
});

/** One cell of a batch, cut to its first tokens. */
function cut(feeds: NamedTensors, cell: number, length: number): NamedTensors {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape, data }]) => {
      const start = cell * shape[1];
      return [name, { dtype, shape: [1, length], data: data.slice(start, start + length) } as Tensor];
    }),
  );
}

function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe('batch norm of the input', () => {
  for (const name of ['dsbn', 'batchnorm']) {
    it(`normalises by stored statistics as ${name}`, async () => {
      const fixture = await readCase(name);
      const results = await forward(fixture, (made) => ({ tokens: made.tokens }));
      fixture.check('eval_before.transformer_output', results.tokens);
    });

    it(`normalises by the batch and moves the stored statistics as ${name}, then infers with them`, async () => {
      const fixture = await readCase(name);
      let state = fixture.state;
      for (const step of ['step0', 'step1', 'step2']) {
        const feeds = feedsOf(fixture, `${step}.`);
        const domain = Number(feeds.domain.data[0]);
        const graph = new Graph();
        const [cells, tokens] = feeds.genes.shape;
        const inputs = cellInputs(graph, fixture.config, { cells, tokens });
        const made = scgpt(new Scope(graph), fixture.config, inputs, { batchStatistics: { domain } });
        graph.output('normalised_emb', made.input);
        graph.output('cell_emb', made.cell);
        if (made.expression) graph.output('mlm_output', made.expression.value);
        for (const [parameter, value] of made.statistics) graph.output(`after.${parameter}`, value);
        const results = await run(graph, state, feeds);
        expect(made.statistics.size).toBe(2);
        for (const [key, tensor] of Object.entries(results)) fixture.check(`${step}.${key}`, tensor);
        state = new Map([
          ...state,
          ...[...made.statistics.keys()].map((key) => [key, results[`after.${key}`]] as const),
        ]);
      }
      const evaluated = { ...fixture, state };
      for (const [labels, prefix] of [
        ['in/batch_labels', 'eval'],
        ['in/batch_labels_other', 'eval_other'],
      ]) {
        const domain = everyCell(int32(fixture.tensor(labels)));
        const feeds = { ...feedsOf(fixture), domain };
        const results = await forward(evaluated, heads, {}, feeds);
        fixture.check(`${prefix}.mlm_output`, results.mlm_output);
        fixture.check(`${prefix}.cell_emb`, results.cell_emb);
      }
    });
  }

  it('normalises each cell of a mixed batch by its own domain', async () => {
    const fixture = await readCase('dsbn');
    const feeds = feedsOf(fixture);
    const domain = int32(fixture.tensor('in/batch_labels'));
    const mixed = await forward(fixture, (made) => ({ cell: made.cell }), {}, { ...feeds, domain });
    const width = fixture.config.embeddingSize;
    for (const k of [0, 1, 2]) {
      const pure = await forward(
        fixture,
        (made) => ({ cell: made.cell }),
        {},
        {
          ...feeds,
          domain: { dtype: 'int32', shape: [6], data: new Int32Array(6).fill(k) },
        },
      );
      const cell = domain.data.indexOf(k as never);
      const row = ({ data }: Tensor) => (data as Float32Array).subarray(cell * width, (cell + 1) * width);
      expect(farthest(row(mixed.cell), row(pure.cell))).toBeLessThan(2e-6);
    }
  });
});

describe('generation from a cell embedding', () => {
  for (const name of ['generate', 'generate-batch-labels']) {
    it(`agrees with ${name}`, async () => {
      const fixture = await readCase(name);
      const feeds = { ...feedsOf(fixture), cell: fixture.tensor('in/cell_emb') };
      const generated = async (
        withValues: boolean,
        masked: boolean,
        given: NamedTensors,
      ): Promise<Tensor> => {
        const graph = new Graph();
        const inputs = cellInputs(graph, fixture.config);
        const cellPrompt = graph.input('cell', 'float32', ['cells', fixture.config.embeddingSize]);
        const made = scgpt(
          new Scope(graph),
          fixture.config,
          {
            ...inputs,
            values: withValues ? inputs.values : undefined,
            keep: masked ? inputs.keep : undefined,
          },
          { cellPrompt },
        );
        if (made.expression) graph.output('expression', made.expression.value);
        return (await run(graph, fixture.state, given)).expression;
      };
      fixture.check('no_values', await generated(false, true, feeds));
      fixture.check('with_values', await generated(true, true, feeds));
      fixture.check('no_values_no_mask', await generated(false, false, feeds));
      if (name === 'generate-batch-labels') {
        const zeros: Tensor = { dtype: 'int32', shape: [6], data: new Int32Array(6) };
        fixture.check(
          'labels_forgotten',
          await generated(true, true, { ...feeds, batch: zeros, domain: zeros }),
        );
      }
    });
  }
});

describe('adversary', () => {
  it('tells batches from the cell embedding, the same behind gradient reversal', async () => {
    const fixture = await readCase('adversary');
    const width = fixture.config.embeddingSize;
    const graph = new Graph();
    const cell = graph.input('cell', 'float32', ['cells', width]);
    graph.output('plain', batchDiscriminator(new Scope(graph, 'disc.'), cell, { width, batches: 3 }));
    graph.output(
      'reversed',
      batchDiscriminator(new Scope(graph, 'disc.'), cell, { width, batches: 3, reverse: 1 }),
    );
    const results = await run(graph, fixture.state, { cell: fixture.tensor('in/cell_emb') });
    fixture.check('plain.logits', results.plain);
    fixture.check('reversed.logits', results.reversed);
  });

  it('reads the cell embedding of the model', async () => {
    const fixture = await readCase('adversary');
    const model = [...fixture.state].filter(([name]) => name.startsWith('model.'));
    const state = new Map(model.map(([name, tensor]) => [name.slice('model.'.length), tensor]));
    const results = await forward({ ...fixture, state }, (made) => ({ cell: made.cell }));
    fixture.check('cell_emb', results.cell);
  });
});

describe('in WebAssembly', () => {
  for (const name of ['heads-batch-labels-zero-prob', 'heads-cell-w-pool']) {
    it(`agrees with ${name}`, async () => {
      const fixture = await readCase(name);
      const options: ForwardOptions = name.endsWith('pool') ? { padRows: 'computed' } : {};
      const results = await forward(fixture, heads, { ...options, device: 'wasm' });
      for (const [key, tensor] of Object.entries(results)) fixture.check(key, tensor);
    });
  }
});

describe('dump', () => {
  it('prints the cell embedding graph one operation a line', async () => {
    const { config } = await readCase('encode');
    const graph = new Graph();
    const made = scgpt(new Scope(graph), { ...config, layers: 1 }, cellInputs(graph, config), {
      cellRowOnly: true,
    });
    graph.output('cell', made.cell);
    expect(dump(graph)).toMatchSnapshot();
  });
});
