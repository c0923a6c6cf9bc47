/** @file Configurations: read from args.json and from constructor arguments, corrected by weights, refused with reasons. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/model/checkpoint/byte-source.ts';
import { officialName } from '../../../src/model/checkpoint/names.ts';
import { openCheckpoint } from '../../../src/model/checkpoint/open.ts';
import { type ModelConfig, modelConfig, parseModelConfig } from '../../../src/model/config.ts';
import { configFromOfficial, officialArguments } from '../../../src/model/official-arguments.ts';
import { expectedParameters } from '../../../src/model/parameters.ts';
import { configFromWeights } from '../../../src/model/weights-config.ts';
import { CheckpointError } from '../../../src/support/errors.ts';
import { fixtureJson, fixturePath } from './fixture.ts';

const published = fixtureJson<Record<string, unknown>>('checkpoints/official-release/args.json');

describe('args.json', () => {
  it('is read under names that can be read', () => {
    expect(configFromOfficial(published, 60)).toMatchObject({
      architecture: 'standard',
      vocabularySize: 60,
      embeddingSize: 32,
      heads: 4,
      hiddenSize: 24,
      layers: 3,
      classifierLayers: 3,
      dropout: 0.2,
      padToken: '<pad>',
      padValue: -2,
      maskValue: -1,
      bins: 51,
      maxLength: 1200,
      inputStyle: 'continuous',
      doMvc: true,
      trained: true,
    });
  });

  it('comes back as it was, keys that nothing reads included', () => {
    expect(officialArguments(configFromOfficial(published, 60))).toEqual(published);
  });

  it('comes back with what was changed', () => {
    const config = {
      ...configFromOfficial({ ...published, n_cls: 1 }, 60),
      classes: 7,
      preNorm: true,
      trained: false,
    };
    expect(officialArguments(config)).toEqual({ ...published, n_cls: 7, pre_norm: true, trained: false });
  });

  it('may be the constructor arguments, which have other defaults', () => {
    const config = configFromOfficial({ d_model: 8, nhead: 2, d_hid: 4, nlayers: 1 }, 10);
    expect(config).toMatchObject({ embeddingSize: 8, heads: 2, classes: 1, doMvc: false });
    expect(officialArguments(config)).toMatchObject({ embsize: 8, nheads: 2 });
    expect(officialArguments(config)).not.toHaveProperty('d_model');
  });

  it('is refused with every wrong key named', () => {
    const wrong = { ...published, nlayers: 'twelve', dropout: [], input_emb_style: 'bins' };
    expect(() => configFromOfficial(wrong, 60)).toThrow(CheckpointError);
    expect(() => configFromOfficial(wrong, 60)).toThrow(
      /args\.json: .*nlayers.*dropout|args\.json: .*dropout.*nlayers/,
    );
    expect(() => configFromOfficial(wrong, 60)).toThrow(/input_emb_style/);
    expect(() => configFromOfficial([1], 60)).toThrow(CheckpointError);
  });
});

describe('config.json', () => {
  it('is every field and no other', () => {
    const config = modelConfig({ vocabularySize: 5, layers: 2 });
    expect(parseModelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(() => parseModelConfig({ ...config, nlayers: 2 })).toThrow(/nlayers/);
    const { heads: _, ...lacking } = config;
    expect(() => parseModelConfig(lacking)).toThrow(/heads/);
  });

  it('is refused when fields contradict each other', () => {
    expect(() => modelConfig({ vocabularySize: 5, embeddingSize: 30, heads: 4 })).toThrow(
      /heads: must divide/,
    );
    expect(() => modelConfig({ vocabularySize: 5, inputStyle: 'category' })).toThrow(/inputBins/);
    expect(() => modelConfig({ vocabularySize: 5, useBatchLabels: true })).toThrow(/batchCount/);
    expect(() => modelConfig({ vocabularySize: 5, mvcDetach: true, mvcDecoderStyle: 'sum query' })).toThrow(
      /mvcDetach/,
    );
  });
});

describe('conditions', () => {
  const batch = { name: 'batch', of: 'cells', values: ['a', 'b'] } as const;

  it('are none in folders written before there were any', () => {
    const { conditions: _, ...old } = modelConfig({ vocabularySize: 5 });
    expect(parseModelConfig(JSON.parse(JSON.stringify(old)))).toEqual({ ...old, conditions: [] });
  });

  it('come back from config.json', () => {
    const config = modelConfig({
      vocabularySize: 5,
      conditions: [batch, { ...batch, name: 'kind', of: 'genes' }],
    });
    expect(parseModelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it('are refused with one name or one value twice, without a name, or with a name that is a path', () => {
    const refused = (...conditions: ModelConfig['conditions']) =>
      expect(() => modelConfig({ vocabularySize: 5, conditions }));
    refused(batch, { ...batch, of: 'genes' }).toThrow(/different names/);
    refused({ ...batch, values: ['a', 'a'] }).toThrow(/different values in 'batch'/);
    refused({ ...batch, name: '' }).toThrow(/conditions\.0\.name/);
    refused({ ...batch, name: 'a/b' }).toThrow(/slash/);
  });

  it('keep a model out of the official layout, with the reason', () => {
    const config = { ...configFromOfficial(published, 60), conditions: [batch] };
    expect(() => officialArguments(config)).toThrow(CheckpointError);
    expect(() => officialArguments(config)).toThrow(/batch.*condition tokens/);
  });
});

/** Models of every kind, and what a published args.json would say of them: nothing about heads. */
const variants: Partial<ModelConfig>[] = [
  {},
  { architecture: 'pretraining' },
  { classes: 18, classifierLayers: 4, doMvc: false },
  {
    classes: 5,
    doDab: true,
    useBatchLabels: true,
    batchCount: 3,
    inputBatchNorm: 'per-batch',
    explicitZeroProbability: true,
  },
  { inputBatchNorm: 'shared' },
  { mvcDecoderStyle: 'concat query' },
  { mvcDecoderStyle: 'sum query' },
  { inputStyle: 'category', inputBins: 13 },
  { inputStyle: 'scaling' },
  { architecture: 'perturbation', classes: 1, explicitZeroProbability: true },
  { architecture: 'multiomic', modalityCount: 5, useBatchLabels: true, batchCount: 3, doDab: true },
  { architecture: 'multiomic', useBatchLabels: true, batchCount: 3 },
];

describe('a configuration corrected by weights', () => {
  const base = { vocabularySize: 60, embeddingSize: 32, heads: 4, hiddenSize: 24, layers: 2 };

  for (const variant of variants) {
    it(`finds ${JSON.stringify(variant)}`, () => {
      const truth = modelConfig({ ...base, ...variant });
      const shapes = new Map([...expectedParameters(truth)].map(([name, { shape }]) => [name, shape]));
      const said = modelConfig({ ...base, inputStyle: truth.inputStyle, inputBins: truth.inputBins });
      expect(configFromWeights(said, shapes, 'args.json')).toEqual({
        ...truth,
        classifierLayers: truth.classes > 0 ? truth.classifierLayers : 3,
      });
    });
  }
});

/** Every model fixture that the repository holds. */
const cases = readdirSync(fixturePath(''), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(fixturePath(`${entry.name}/state.pt`)))
  .map(({ name }) => name);
const classes: Record<string, ModelConfig['architecture']> = {
  TransformerModel: 'standard',
  'TransformerModel (pretraining class)': 'pretraining',
  TransformerGenerator: 'perturbation',
  MultiOmicTransformerModel: 'multiomic',
};

describe('the parameters of the model fixtures', () => {
  it('are there to be compared', () => expect(cases.length).toBeGreaterThan(10));

  for (const name of cases) {
    it(`follow from the configuration of ${name}`, async () => {
      const { model } = fixtureJson<{
        model: { class: string; config: Record<string, unknown> & { ntoken: number } };
      }>(`${name}/case.json`);
      const source = bytesSource(readFileSync(fixturePath(`${name}/state.pt`)), name);
      const found = [...(await openCheckpoint(source)).tensors]
        .map(([key, { shape }]) => [officialName(key.replace(/^model\./, '')), shape] as const)
        .filter(([key]) => !key.startsWith('disc.')); // the discriminator of `adversary` stands beside the model
      const config = configFromOfficial(model.config, model.config.ntoken, name, classes[model.class]);
      expect([...expectedParameters(config)].map(([key, { shape }]) => [key, shape])).toEqual(found);
    });
  }
});

describe('features of perturbed genes', () => {
  it('have one parameter, are absent from older folders, and have no place in the official layout', () => {
    const config = modelConfig({ vocabularySize: 5, architecture: 'perturbation', perturbationFeatures: 7 });
    expect(expectedParameters(config).get('pert_features.weight')?.shape).toEqual([512, 7]);
    const { perturbationFeatures: _, ...old } = modelConfig({ vocabularySize: 5 });
    expect(parseModelConfig(JSON.parse(JSON.stringify(old)))).toEqual({ ...old, perturbationFeatures: 0 });
    expect(() => officialArguments(config)).toThrow(
      /cannot hold a model that reads features of perturbed genes/,
    );
  });
});
