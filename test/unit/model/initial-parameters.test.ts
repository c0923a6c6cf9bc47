/** @file Random initial parameters follow the distributions that were measured on the reference's classes. */

import { describe, expect, it } from 'vitest';
import { type ModelConfig, modelConfig } from '../../../src/model/config.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { expectedParameters } from '../../../src/model/parameters.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { fixtureJson } from './fixture.ts';

type Table = Record<string, { readonly distribution: string }>;
const tables = fixtureJson<Record<string, Table>>('init-stats/init.json');

const small = { vocabularySize: 300, embeddingSize: 64, hiddenSize: 64, layers: 2 } as const;
const cases: Record<string, Partial<ModelConfig>> = {
  pretraining: { architecture: 'pretraining' },
  'release-embedding-flash': { classes: 1 },
  integration: {
    classes: 1,
    doDab: true,
    batchCount: 2,
    useBatchLabels: true,
    inputBatchNorm: 'per-batch',
    explicitZeroProbability: true,
  },
  perturbation: { architecture: 'perturbation', classes: 1, doMvc: false, perturbationPad: 0 },
};

/** What the fixture says of a parameter; `layers.*` stands for every layer. */
function distributionIn(table: Table, name: string): string {
  const entry = table[name.replace(/layers\.\d+/, 'layers.*')];
  if (entry === undefined) throw new Error(`the fixture has no ${name}`);
  return entry.distribution;
}

const distinct = (data: Tensor['data'] | undefined): Set<number> => new Set(data as Float32Array);

function check({ data }: Tensor, name: string, bound: number | 'normal'): void {
  const values = [...(data as Float32Array)];
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const deviation = Math.sqrt(
    values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length,
  );
  const expected = bound === 'normal' ? 1 : bound / Math.sqrt(3);
  const slack = (5 * expected) / Math.sqrt(values.length);
  expect(Math.abs(mean), name).toBeLessThan(slack);
  expect(Math.abs(deviation - expected), name).toBeLessThan(slack);
  if (bound === 'normal') return;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest, name).toBeLessThanOrEqual(Math.fround(bound));
  if (values.length > 1000) expect(largest, name).toBeGreaterThan(0.99 * bound);
}

describe.each(Object.keys(cases))('%s', (label) => {
  const config = modelConfig({ ...small, ...cases[label] });
  const parameters = initialParameters(config, 7);

  it('holds every parameter in its shape and order', () => {
    const expected = expectedParameters(config);
    expect([...parameters.keys()]).toEqual([...expected.keys()]);
    for (const [name, { shape }] of parameters) expect(shape, name).toEqual(expected.get(name)?.shape);
  });

  it('draws from the distributions of the reference', () => {
    let drawn = 0;
    for (const [name, tensor] of parameters) {
      if (expectedParameters(config).get(name)?.buffer) continue;
      const weight = parameters.get(name.replace(/bias$/, 'weight'));
      const layerBound = 1 / Math.sqrt(Number(weight?.shape[1]));
      // The classes' attention layouts start differently; ours starts as the official one, like any linear layer.
      const distribution = name.includes('self_attn') ? 'linear' : distributionIn(tables[label], name);
      if (distribution === '0' || distribution === '1') {
        expect(distinct(tensor.data), name).toEqual(new Set([Number(distribution)]));
      } else if (distribution.startsWith('N(0, 1), row 0')) {
        const data = tensor.data as Float32Array;
        expect(data.subarray(0, 64).every((value) => value === 0)).toBe(true);
        check({ ...tensor, data: data.subarray(64) } as Tensor, name, 'normal');
      } else if (distribution.startsWith('N(0, 1)')) {
        check(tensor, name, 'normal');
      } else if (distribution.startsWith('U(-0.1, 0.1)')) {
        check(tensor, name, 0.1);
      } else {
        expect(distribution.includes('fan_in') || distribution === 'linear', name).toBe(true);
        check(tensor, name, layerBound);
      }
      drawn++;
    }
    expect(drawn).toBeGreaterThan(30);
  });
});

describe('initialParameters', () => {
  const config = modelConfig({ ...small, ...cases.integration, inputBatchNorm: 'shared' });
  const values = (state: StateDict, name: string): Tensor['data'] | undefined => state.get(name)?.data;

  it('starts running statistics at 0, 1 and no batches', () => {
    const parameters = initialParameters(config, 0);
    expect(distinct(values(parameters, 'bn.running_mean'))).toEqual(new Set([0]));
    expect(distinct(values(parameters, 'bn.running_var'))).toEqual(new Set([1]));
    expect(parameters.get('bn.num_batches_tracked')).toEqual({
      dtype: 'int64',
      shape: [],
      data: BigInt64Array.of(0n),
    });
  });

  it('depends on the seed and on a parameter’s name, not on the rest of the model', () => {
    const name = 'transformer_encoder.layers.1.linear1.weight';
    const parameters = initialParameters(config, 3);
    expect(initialParameters(config, 3)).toEqual(parameters);
    expect(values(initialParameters(config, 4), name)).not.toEqual(values(parameters, name));
    expect(values(initialParameters(modelConfig(small), 3), name)).toEqual(values(parameters, name));
    expect(values(parameters, name.replace('1.linear1', '0.linear1'))).not.toEqual(values(parameters, name));
  });

  it('starts conditions within 0.1, as genes, and their norms at 1 and 0', () => {
    const conditions = [
      { name: 'donor', of: 'cells', values: Array.from({ length: 99 }, (_, i) => `${i}`) },
    ] as const;
    const parameters = initialParameters(modelConfig({ ...small, conditions }), 1);
    const table = parameters.get('condition_encoder.donor.embedding.weight') as Tensor;
    expect(table.shape).toEqual([100, 64]);
    check(table, 'donor', 0.1);
    expect(distinct(values(parameters, 'condition_encoder.donor.enc_norm.weight'))).toEqual(new Set([1]));
    expect(distinct(values(parameters, 'condition_encoder.donor.enc_norm.bias'))).toEqual(new Set([0]));
  });

  it('starts the slope of the query decoders’ activation at torch’s 0.25', () => {
    const query = initialParameters(modelConfig({ ...small, mvcDecoderStyle: 'sum query' }), 0);
    expect(values(query, 'mvc_decoder.hidden_activation.weight')).toEqual(Float32Array.of(0.25));
  });
});
