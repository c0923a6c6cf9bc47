/** @file Low-rank adaptation of a whole model: where it starts, what it moves, and what merging gives. */

import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.ts';
import { modelConfig } from '../../../src/model/config.ts';
import type { LowRank } from '../../../src/nn/scope.ts';
import { lowRankParameters, mergeLowRank } from '../../../src/train/low-rank.ts';
import { objectives } from '../../../src/train/objectives.ts';
import { needsNativeRuntime } from '../need.ts';
import { config, parameters, randomBatch, train } from './small-model.ts';

needsNativeRuntime();

const inTransformer = (weight: string): boolean => weight.startsWith('transformer_encoder.');
const lowRank: LowRank = { rank: 2, alpha: 4, targets: (name) => inTransformer(name) };
const adapted = () => new Map([...parameters(), ...lowRankParameters(config, lowRank, 3)]);

describe('low-rank adaptation', () => {
  it('starts as the model it adapts', async () => {
    const trainer = await train({ lowRank, from: adapted() });
    const plain = await train();
    const batch = randomBatch(4, 1);
    expect((await trainer.evaluate(batch)).total).toBe((await plain.evaluate(batch)).total);
    await trainer.dispose();
    await plain.dispose();
  });

  it('is evaluated by stored statistics like any model', () => {
    const withNorm = modelConfig({ ...config, inputBatchNorm: 'shared' });
    const { buffers } = objectives(withNorm, { weights: { gep: 1 }, lowRank })(new Graph());
    expect(buffers?.size).toBe(0);
  });

  it('moves factors alone, and merges into a model that gives the same', async () => {
    const trains = (name: string): boolean => name.includes('lora_');
    const trainer = await train({ lowRank, from: adapted(), trains });
    expect(trainer.trained.length).toBe(2 * 4 * config.layers);
    const batch = randomBatch(4, 1);
    const before = await trainer.evaluate(batch);
    for (const seed of [1, 2, 3]) await trainer.step(randomBatch(4, seed), 0.02);
    const start = adapted();
    for (const [name, { data }] of trainer.state.parameters) {
      const given = start.get(name)?.data;
      if (trains(name)) expect(data, name).not.toEqual(given);
      else expect(data, name).toEqual(given);
    }
    const after = await trainer.evaluate(batch);
    expect(before.total - after.total).toBeGreaterThan(0.1);

    const merged = mergeLowRank(trainer.state.parameters, lowRank);
    expect([...merged.keys()]).toEqual([...parameters().keys()]);
    const plain = await train({ from: merged });
    const found = await plain.evaluate(batch);
    expect(Math.abs(found.total / after.total - 1)).toBeLessThan(1e-5);
    for (const [part, loss] of Object.entries(after.parts)) {
      expect(Math.abs(found.parts[part] - loss), part).toBeLessThan(1e-4 * Math.abs(loss));
    }
    await plain.dispose();
    await trainer.dispose();
  });
});
