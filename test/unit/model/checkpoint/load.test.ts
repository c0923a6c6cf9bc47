/** @file Names of every layout come to the official ones and back; the report tells what became of each tensor. */

import { describe, expect, it } from 'vitest';
import { loadParameters } from '../../../../src/model/checkpoint/load.ts';
import { nameInLayout, officialName, wrapperPrefix } from '../../../../src/model/checkpoint/names.ts';
import { describeLoadReport } from '../../../../src/model/checkpoint/report.ts';
import { modelConfig } from '../../../../src/model/config.ts';
import { expectedParameters } from '../../../../src/model/parameters.ts';
import { CheckpointError } from '../../../../src/support/errors.ts';
import { elementCount, type StateDict } from '../../../../src/support/tensor.ts';

const expected = expectedParameters(
  modelConfig({ vocabularySize: 4, embeddingSize: 4, heads: 2, hiddenSize: 3, layers: 1 }),
);
const full = (): StateDict =>
  new Map(
    [...expected].map(([name, { shape }]) => [
      name,
      { dtype: 'float32', shape, data: new Float32Array(elementCount(shape)).fill(0.5) },
    ]),
  );

describe('names', () => {
  const attention = 'transformer_encoder.layers.11.self_attn.';

  it('of the three attention layouts are the same parameters', () => {
    for (const [official, release, torch] of [
      ['Wqkv.weight', '_impl.Wqkv.weight', 'in_proj_weight'],
      ['Wqkv.bias', '_impl.Wqkv.bias', 'in_proj_bias'],
      ['out_proj.weight', '_impl.out_proj.weight', 'out_proj.weight'],
      ['out_proj.bias', '_impl.out_proj.bias', 'out_proj.bias'],
    ]) {
      for (const ending of [official, release, torch]) {
        expect(officialName(attention + ending)).toBe(attention + official);
      }
      expect(nameInLayout(attention + official, 'release')).toBe(attention + release);
      expect(nameInLayout(attention + official, 'torch')).toBe(attention + torch);
    }
  });

  it('of every expected parameter survive each layout', () => {
    for (const layout of ['official', 'release', 'torch'] as const) {
      const names = [...expected.keys()];
      expect(names.map((name) => officialName(nameInLayout(name, layout)))).toEqual(names);
    }
  });

  it('lose the prefix that the gene embedding has', () => {
    expect(wrapperPrefix(['encoder.embedding.weight', 'module.encoder.embedding.weight'])).toBe('');
    expect(wrapperPrefix(['batch_encoder.embedding.weight'])).toBe('');
    expect(
      wrapperPrefix(['module.model.batch_encoder.embedding.weight', 'module.model.encoder.embedding.weight']),
    ).toBe('module.model.');
    expect(wrapperPrefix(['a.encoder.embedding.weight', 'b.encoder.embedding.weight'])).toBe('');
    expect(officialName('module.transformer_encoder.layers.0.self_attn.in_proj_bias', 'module.')).toBe(
      'transformer_encoder.layers.0.self_attn.Wqkv.bias',
    );
  });
});

describe('loading', () => {
  it('of what fits needs no copy', () => {
    const state = full();
    const { parameters, report } = loadParameters(expected, state);
    expect([...parameters.keys()]).toEqual([...expected.keys()]);
    expect(parameters.get('encoder.embedding.weight')).toBe(state.get('encoder.embedding.weight'));
    expect(describeLoadReport(report)).toEqual([`${expected.size} tensors loaded`]);
  });

  it('does without heads, and says so', () => {
    const state = full();
    for (const name of [...state.keys()].filter((key) => /^(mvc_)?decoder\./.test(key))) state.delete(name);
    state.set('extra', { dtype: 'int64', shape: [], data: new BigInt64Array(1) });
    const { report } = loadParameters(expected, state);
    expect(report.missing).toHaveLength(9);
    const lines = describeLoadReport(report);
    expect(lines[1]).toBe('1 tensor unused: extra');
    expect(lines[2]).toMatch(/^9 tensors missing: decoder\.fc\.0\.weight, .* and 3 more$/);
  });

  for (const name of [
    'encoder.embedding.weight',
    'encoder.enc_norm.bias',
    'value_encoder.linear1.weight',
    'transformer_encoder.layers.0.norm2.weight',
    'transformer_encoder.layers.0.self_attn.Wqkv.bias',
  ]) {
    it(`refuses to go on without ${name} or with another shape of it`, () => {
      const state = full();
      state.delete(name);
      expect(() => loadParameters(expected, state, { where: 'x.pt' })).toThrow(CheckpointError);
      expect(() => loadParameters(expected, state)).toThrow(`1 tensor missing: ${name}`);
      expect(loadParameters(expected, state, { allowPartial: true }).report.missing).toEqual([name]);
      state.set(name, { dtype: 'float32', shape: [9], data: new Float32Array(9) });
      expect(() => loadParameters(expected, state)).toThrow(`${name} (9 instead of`);
    });
  }

  it('refuses two tensors for one parameter', () => {
    const state = full();
    const name = 'transformer_encoder.layers.0.self_attn.in_proj_bias';
    state.set(name, { dtype: 'float32', shape: [12], data: new Float32Array(12) });
    expect(() => loadParameters(expected, state)).toThrow(
      /two tensors are both .*Wqkv\.bias; one of them is named .*in_proj_bias/,
    );
  });

  it('refuses float64 weights that float32 cannot hold', () => {
    const state = full();
    state.set('encoder.enc_norm.bias', {
      dtype: 'float64',
      shape: [4],
      data: new Float64Array([1, 1e300, 0, Number.NaN]),
    });
    expect(() => loadParameters(expected, state)).toThrow('encoder.enc_norm.bias (1 NaN, 1 infinite)');
  });
});
