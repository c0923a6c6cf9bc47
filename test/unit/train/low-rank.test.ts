/** @file Low-rank factors: what they start from, and that merging adds their product. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { UsageError } from '../../../src/support/errors.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { lowRankParameters, mergeLowRank } from '../../../src/train/low-rank.ts';

const config = modelConfig({
  vocabularySize: 20,
  embeddingSize: 16,
  heads: 2,
  hiddenSize: 24,
  layers: 2,
  classes: 3,
});
const inAttention = (name: string): boolean => name.includes('self_attn');

function matrix(shape: readonly [number, number], values: readonly number[]): Tensor {
  return { dtype: 'float32', shape, data: Float32Array.from(values) };
}

describe('lowRankParameters', () => {
  const factors = lowRankParameters(config, { rank: 4, alpha: 8, targets: inAttention }, 1);

  it('has two factors for each weight', () => {
    expect([...factors.keys()]).toEqual(
      [0, 1].flatMap((layer) =>
        ['Wqkv', 'out_proj'].flatMap((part) =>
          ['A', 'B'].map((factor) => `transformer_encoder.layers.${layer}.self_attn.${part}.lora_${factor}`),
        ),
      ),
    );
    expect(factors.get('transformer_encoder.layers.0.self_attn.Wqkv.lora_A')?.shape).toEqual([4, 16]);
    expect(factors.get('transformer_encoder.layers.0.self_attn.Wqkv.lora_B')?.shape).toEqual([48, 4]);
  });

  it('starts with A random and B zero', () => {
    for (const [name, { data }] of factors) {
      const values = [...(data as Float32Array)];
      if (name.endsWith('B')) expect(values.every((value) => value === 0)).toBe(true);
      else {
        const largest = Math.max(...values.map(Math.abs));
        expect(largest).toBeLessThanOrEqual(0.25);
        expect(largest).toBeGreaterThan(0.2);
        expect(new Set(values).size).toBe(values.length);
      }
    }
  });

  it('depends on the seed', () => {
    const options = { rank: 4, alpha: 8, targets: inAttention };
    expect(lowRankParameters(config, options, 1)).toEqual(factors);
    expect(lowRankParameters(config, options, 2)).not.toEqual(factors);
  });

  it('refuses weights outside the transformer, and to adapt none', () => {
    const of = (targets: (name: string) => boolean) => () =>
      lowRankParameters(config, { rank: 4, alpha: 8, targets }, 1);
    expect(of((name) => name.startsWith('cls_decoder'))).toThrow(/cell type classifier/);
    expect(of((name) => name === 'encoder.embedding.weight')).toThrow(UsageError);
    expect(of(() => false)).toThrow(UsageError);
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses a rank of %d', (rank) => {
    expect(() => lowRankParameters(config, { rank, alpha: 8, targets: inAttention }, 1)).toThrow(UsageError);
  });
});

describe('mergeLowRank', () => {
  it('adds alpha / rank times the product of the factors', () => {
    const parameters: StateDict = new Map([
      ['layer.weight', matrix([2, 3], [1, 2, 3, 4, 5, 6])],
      ['layer.bias', { dtype: 'float32', shape: [2], data: Float32Array.of(7, 8) }],
      ['layer.lora_A', matrix([1, 3], [1, 10, 100])],
      ['layer.lora_B', matrix([2, 1], [1, 2])],
    ]);
    const merged = mergeLowRank(parameters, { rank: 1, alpha: 0.5 });
    expect([...merged.keys()]).toEqual(['layer.weight', 'layer.bias']);
    expect(merged.get('layer.weight')?.data).toEqual(Float32Array.of(1.5, 7, 53, 5, 15, 106));
    expect(merged.get('layer.bias')).toBe(parameters.get('layer.bias'));
    expect(parameters.get('layer.weight')?.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  it('refuses a factor without its weight or its other half', () => {
    const a = matrix([1, 3], [1, 2, 3]);
    const weight = matrix([2, 3], [1, 2, 3, 4, 5, 6]);
    const options = { rank: 1, alpha: 1 };
    expect(() => mergeLowRank(new Map([['w.lora_A', a]]), options)).toThrow(UsageError);
    expect(() =>
      mergeLowRank(
        new Map([
          ['w.weight', weight],
          ['w.lora_A', a],
        ]),
        options,
      ),
    ).toThrow(/w\.lora_A/);
  });

  it('changes nothing while B is zero', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 6, maxLength: 6 }),
        (w) => {
          const parameters: StateDict = new Map([
            ['w.weight', matrix([3, 2], w)],
            ['w.lora_A', matrix([2, 2], [1, 2, 3, 4])],
            ['w.lora_B', matrix([3, 2], [0, 0, 0, 0, 0, 0])],
          ]);
          const merged = mergeLowRank(parameters, { rank: 2, alpha: 16 });
          const expected = Float32Array.from(w, (value) => value + 0); // 0 + -0 is 0
          expect(merged).toEqual(
            new Map([['w.weight', { dtype: 'float32', shape: [3, 2], data: expected }]]),
          );
        },
      ),
    );
  });
});
