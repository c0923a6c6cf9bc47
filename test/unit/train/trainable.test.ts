/** @file Which parameters each way of freezing leaves to train, by name. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { expectedParameters } from '../../../src/model/parameters.ts';
import { UsageError } from '../../../src/support/errors.ts';
import { type Freeze, trainable } from '../../../src/train/trainable.ts';

const config = modelConfig({
  vocabularySize: 20,
  layers: 3,
  classes: 4,
  batchCount: 2,
  doDab: true,
  useBatchLabels: true,
  inputBatchNorm: 'shared',
});
const factors = [0, 1, 2].flatMap((layer) =>
  ['A', 'B'].map((factor) => `transformer_encoder.layers.${layer}.self_attn.Wqkv.lora_${factor}`),
);
const all = [...expectedParameters(config).keys(), ...factors, 'dsbn.bns.current.running_mean'];
const parameters = all.filter((name) => !/running_|num_batches/.test(name));

/** The trained names; buffers that no gradient can reach are left out. */
const trained = (freeze: Freeze): string[] =>
  all.filter(trainable(config, { freeze })).filter((name) => !name.endsWith('num_batches_tracked'));

const isBody = (name: string): boolean => /^(encoder|value_encoder|transformer_encoder)\./.test(name);

describe('trainable', () => {
  it('trains all but running statistics with nothing frozen', () => {
    expect(trained('none')).toEqual(parameters);
  });

  it('trains the heads and what they read beside the cell with the body frozen', () => {
    const heads = trained('body');
    expect(heads).toEqual(parameters.filter((name) => !isBody(name)));
    for (const name of [
      'cls_decoder.out_layer.weight',
      'decoder.fc.0.bias',
      'mvc_decoder.W.weight',
      'grad_reverse_discriminator.out_layer.bias',
      'batch_encoder.embedding.weight',
      'bn.weight',
    ]) {
      expect(heads).toContain(name);
    }
  });

  it('trains the last layers, their factors and the heads', () => {
    const isLast = (name: string): boolean => /layers\.[12]\./.test(name);
    expect(trained({ lastLayers: 2 })).toEqual(parameters.filter((name) => !isBody(name) || isLast(name)));
    expect(trained({ lastLayers: 0 })).toEqual(trained('body'));
  });

  it('counts layers by number, not by the digits a name starts with', () => {
    const deep = trainable(modelConfig({ vocabularySize: 20, layers: 12 }), { freeze: { lastLayers: 1 } });
    expect(deep('transformer_encoder.layers.11.linear1.weight')).toBe(true);
    expect(deep('transformer_encoder.layers.1.linear1.weight')).toBe(false);
  });

  it('trains factors and heads with low-rank adaptation', () => {
    expect(trained('low-rank').sort()).toEqual([...trained('body'), ...factors].sort());
  });

  it.each([-1, 4, 1.5, Number.NaN])('refuses the last %d of 3 layers', (lastLayers) => {
    expect(() => trainable(config, { freeze: { lastLayers } })).toThrow(UsageError);
  });

  it('trains what perturbation prediction adds', () => {
    const perturbation = modelConfig({ vocabularySize: 20, layers: 1, architecture: 'perturbation' });
    expect(trainable(perturbation, { freeze: 'body' })('pert_encoder.weight')).toBe(true);
    const pretraining = modelConfig({ vocabularySize: 20, layers: 1, architecture: 'pretraining' });
    expect(trainable(pretraining, { freeze: 'body' })('flag_encoder.weight')).toBe(false);
  });
});
