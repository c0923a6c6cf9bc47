/** @file The parameters a configuration implies are those of the reference's classes: names, order, shapes, counts. */

import { describe, expect, it } from 'vitest';
import { nameInLayout } from '../../../src/model/checkpoint/names.ts';
import { type ModelConfig, modelConfig } from '../../../src/model/config.ts';
import { expectedParameters, parametersByPart } from '../../../src/model/parameters.ts';
import { fixtureJson } from './fixture.ts';

interface Table {
  readonly parameters: Record<string, number[]>;
  readonly buffers: Record<string, number[]>;
  readonly total_parameters: number;
  readonly total_without_gene_embedding: number;
}

const tables = fixtureJson<Record<string, Table>>('init-stats/parameters.json');
const vocabularySize = 60697;

/** How each configuration of the fixture is told, and how its class names attention. */
const cases: Record<string, [Partial<ModelConfig>, 'official' | 'release' | 'torch']> = {
  pretraining: [{ architecture: 'pretraining' }, 'official'],
  'release-embedding': [{ classes: 1 }, 'torch'],
  'release-embedding-flash': [{ classes: 1 }, 'release'],
  integration: [
    {
      classes: 1,
      doDab: true,
      batchCount: 2,
      useBatchLabels: true,
      inputBatchNorm: 'per-batch',
      explicitZeroProbability: true,
    },
    'torch',
  ],
  annotation: [{ classes: 18, doMvc: false }, 'torch'],
  perturbation: [{ architecture: 'perturbation', classes: 1, doMvc: false }, 'torch'],
  multiomic: [
    {
      architecture: 'multiomic',
      layers: 4,
      classes: 1,
      doDab: true,
      batchCount: 12,
      useBatchLabels: true,
      modalityCount: 5,
    },
    'torch',
  ],
};

describe('expected parameters', () => {
  it('are compared for every configuration of the fixture', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(tables).sort());
  });

  for (const [name, [fields, layout]] of Object.entries(cases)) {
    const expected = expectedParameters(modelConfig({ vocabularySize, ...fields }));
    const table = tables[name];

    it(`of ${name} have the reference's names, order and shapes`, () => {
      const ours = (buffer: boolean) =>
        [...expected]
          .filter(([, parameter]) => parameter.buffer === buffer)
          .map(([official, { shape }]) => [nameInLayout(official, layout), shape]);
      expect(ours(false)).toEqual(Object.entries(table.parameters));
      expect(ours(true)).toEqual(Object.entries(table.buffers));
    });

    it(`of ${name} add up to the reference's count`, () => {
      const parts = parametersByPart(expected);
      const total = [...parts.values()].reduce((sum, count) => sum + count, 0);
      expect(total).toBe(table.total_parameters);
      expect(total - vocabularySize * 512).toBe(table.total_without_gene_embedding);
      expect(parts.get('gene embedding')).toBe(vocabularySize * 512 + 1024);
    });
  }
});

describe('conditions', () => {
  const conditions = [
    { name: 'batch', of: 'cells', values: ['a', 'b', 'c'] },
    { name: 'kind', of: 'genes', values: ['x'] },
  ] as const;
  const fields = { vocabularySize: 50, embeddingSize: 8, heads: 2, hiddenSize: 8 };

  it('add a normed table each, with a row for what is not given, and nothing else', () => {
    const without = expectedParameters(modelConfig(fields));
    const expected = expectedParameters(modelConfig({ ...fields, conditions }));
    const added = [...expected].filter(([name]) => !without.has(name));
    expect(added.map(([name, { shape }]) => [name, shape])).toEqual([
      ['condition_encoder.batch.embedding.weight', [4, 8]],
      ['condition_encoder.batch.enc_norm.weight', [8]],
      ['condition_encoder.batch.enc_norm.bias', [8]],
      ['condition_encoder.kind.embedding.weight', [2, 8]],
      ['condition_encoder.kind.enc_norm.weight', [8]],
      ['condition_encoder.kind.enc_norm.bias', [8]],
    ]);
    expect([...expected.keys()].filter((name) => without.has(name))).toEqual([...without.keys()]);
    expect(parametersByPart(expected).get('condition embedding')).toBe(4 * 8 + 2 * 8 + 4 * 8);
  });
});
