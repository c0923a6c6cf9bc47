/** @file What a trainer promises: accumulation, failed steps, dropout, and going on from a saved state. */

import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.ts';
import { dropout as dropoutAt } from '../../../src/graph/ops/dropout.ts';
import { Dropout, dropoutFeeds } from '../../../src/nn/dropout.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { objectives } from '../../../src/train/objectives.ts';
import { needsNativeRuntime } from '../need.ts';
import { largestDifference } from './batch.ts';
import { differentiated } from './gradients.ts';
import {
  bytesOfState,
  cellsOf,
  config,
  copyOf,
  parameters,
  randomBatch,
  type SmallTraining,
  train,
  trainingScope,
} from './small-model.ts';

needsNativeRuntime();

const rate = 1e-2;

/** The bytes of the state after a step of each batch. */
async function stateAfter(
  batches: readonly number[],
  options: SmallTraining = {},
): Promise<Record<string, string>> {
  const trainer = await train(options);
  for (const seed of batches) await trainer.step(randomBatch(4, seed), rate);
  const bytes = bytesOfState(trainer.state);
  await trainer.dispose();
  return bytes;
}

describe('gradient accumulation', () => {
  it('is one step on the joined batch where both batches score equally much', async () => {
    const batch = randomBatch(6, 1);
    const joined = await train();
    const parts = await train({ accumulate: 2 });
    const whole = await joined.step(batch, rate);
    const first = await parts.step(cellsOf(batch, 0, 3), rate);
    expect(first.updated).toBe(false);
    expect(parts.state.step).toBe(0);
    expect(bytesOfState(parts.state)).toEqual(await stateAfter([]));
    const second = await parts.step(cellsOf(batch, 3, 6), rate);
    expect(second.updated).toBe(true);
    expect(parts.state.step).toBe(1);
    expect((first.total + second.total) / 2).toBeCloseTo(whole.total, 4);
    expect(second.gradientNorm / 2 / whole.gradientNorm).toBeCloseTo(1, 5);
    expect(whole.gradientNorm).toBeGreaterThan(1); // so that clipping takes part
    for (const kind of ['parameters', 'firstMoments', 'secondMoments'] as const) {
      for (const [name, expected] of joined.state[kind]) {
        const actual = parts.state[kind].get(name) as Tensor;
        expect(largestDifference(actual, expected), `${kind} ${name}`).toBeLessThan(2e-6);
      }
    }
    await joined.dispose();
    await parts.dispose();
  });

  it('starts anew after each update', async () => {
    const trainer = await train({ accumulate: 2 });
    const pair = [randomBatch(4, 1), randomBatch(4, 2)];
    for (const batch of pair) await trainer.step(batch, 0);
    await trainer.step(pair[0], 0);
    const again = await trainer.step(pair[1], 0);
    const once = await train({ accumulate: 2 });
    await once.step(pair[0], 0);
    const expected = await once.step(pair[1], 0);
    expect(again.gradientNorm).toBe(expected.gradientNorm);
    await trainer.dispose();
    await once.dispose();
  });

  it('updates from fewer batches when told to, as from the mean of those', async () => {
    const batch = randomBatch(4, 1);
    const single = await train();
    const early = await train({ accumulate: 3 });
    expect((await early.step(batch, rate, { update: true })).updated).toBe(true);
    await single.step(batch, rate);
    expect(bytesOfState(early.state)).toEqual(bytesOfState(single.state));
    for (const seed of [2, 3]) expect((await early.step(randomBatch(4, seed), rate)).updated).toBe(false);
    expect((await early.step(randomBatch(4, 4), rate)).updated).toBe(true);
    await single.dispose();
    await early.dispose();
  });
});

describe('a step that fails', () => {
  const broken = (): Record<string, Tensor> => {
    const batch = randomBatch(4, 2);
    (batch.values.data as Float32Array)[3] = Number.NaN;
    return batch;
  };

  it.each([1, 2])('leaves everything as it was, with gradients of %i batches a step', async (accumulate) => {
    const trainer = await train({ accumulate });
    const other = await train({ accumulate });
    for (const step of [trainer, other]) await step.step(randomBatch(4, 1), rate);
    const before = bytesOfState(trainer.state);
    const failed = await trainer.step(broken(), rate);
    expect(failed.total).toBeNaN();
    expect(failed.updated).toBe(false);
    expect(bytesOfState(trainer.state)).toEqual(before);
    for (const seed of [3, 4, 5]) {
      if (seed === 5) await trainer.step(broken(), rate); // now before the first batch of a step
      const results = [
        await trainer.step(randomBatch(4, seed), rate),
        await other.step(randomBatch(4, seed), rate),
      ];
      expect(results[0]).toEqual(results[1]);
    }
    expect(bytesOfState(trainer.state)).toEqual(bytesOfState(other.state));
    await trainer.dispose();
    await other.dispose();
  });
});

describe('dropout in training', () => {
  const dropout = 0.3;

  it('gives the same bytes for the same seed, others for another', async () => {
    const bytes = await stateAfter([1, 2], { dropout });
    expect(await stateAfter([1, 2], { dropout })).toEqual(bytes);
    expect(await stateAfter([1, 2], { dropout, seed: 6 })).not.toEqual(bytes);
    expect(await stateAfter([1, 2])).not.toEqual(bytes);
  });

  it('drops others in every step and every batch of a step, and none in evaluation', async () => {
    const trainer = await train({ dropout, accumulate: 2 });
    const plain = await train();
    const batch = randomBatch(4, 1);
    const losses: number[] = [];
    for (let draw = 0; draw < 6; draw++) losses.push((await trainer.step(batch, 0)).total);
    expect(new Set(losses).size).toBe(6);
    const evaluated = await trainer.evaluate(batch);
    expect(await trainer.evaluate(batch)).toEqual(evaluated);
    const { total } = await plain.step(batch, 0);
    expect(evaluated.total).toBeCloseTo(total, 5);
    expect(losses).not.toContain(total);
    await trainer.dispose();
    await plain.dispose();
  });

  it('goes on from a saved state with the bytes of a run that never stopped', async () => {
    const bytes = await stateAfter([1, 2, 3, 4], { dropout });
    const trainer = await train({ dropout });
    for (const seed of [1, 2]) await trainer.step(randomBatch(4, seed), rate);
    const resume = copyOf(trainer.state);
    await trainer.dispose();
    expect(await stateAfter([3, 4], { dropout, resume })).toEqual(bytes);
  });
});

describe('dropout', () => {
  /** What comes of ones at two sites of rows and one of attention weights. */
  async function dropped(rate: number, seed: number, step: number): Promise<Record<string, Float32Array>> {
    const graph = new Graph();
    const sites = new Dropout(graph, { rate, width: 32 });
    const ones = (shape: readonly number[]) =>
      graph.constant({ dtype: 'float32', shape, data: new Float32Array(8 * 64 * 32).fill(1) });
    graph.output('rows', sites.rows(ones([8, 64, 32])));
    graph.output('again', sites.rows(ones([8, 64, 32])));
    const weights = ones([8, 2, 32, 32]);
    graph.output('attention', dropoutAt(weights, sites.weights(weights.shape)));
    const executable = await (await openDevice({ device: 'cpu', threads: 1 })).load(graph, new Map());
    const results = await executable.run(dropoutFeeds(graph, () => 0, seed, step));
    await executable.dispose();
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
    );
  }

  it.each([0.1, 0.2, 0.5])('drops a share of %d and scales up what stays', async (rate) => {
    for (const step of [0, 1, 2]) {
      for (const values of Object.values(await dropped(rate, 1, step))) {
        const kept = values.filter((value) => value !== 0);
        const sigma = Math.sqrt((rate * (1 - rate)) / values.length);
        expect(Math.abs(1 - kept.length / values.length - rate)).toBeLessThan(3 * sigma);
        expect(kept.every((value) => value === Math.fround(1 / (1 - rate)))).toBe(true);
      }
    }
  });

  it('drops others in another place', async () => {
    const { rows, again } = await dropped(0.5, 1, 0);
    const both = rows.filter((value, i) => value === 0 && again[i] === 0).length / rows.length;
    expect(Math.abs(both - 0.25)).toBeLessThan(0.02);
  });

  it('drops nothing at rate 0', async () => {
    expect((await dropped(0, 1, 0)).rows.every((value) => value === 1)).toBe(true);
  });
});

describe('attention probabilities', () => {
  it('computed again in the backward pass give the gradients of stored ones', async () => {
    const batch = randomBatch(4, 1);
    const run = (probabilities: 'stored' | 'recomputed') => {
      const built = objectives(config, {
        weights: { gep: 1, gepc: 1, cls: 1 },
        training: trainingScope(0.2, { probabilities }),
      });
      const probe = new Graph();
      built(probe);
      const keys = dropoutFeeds(probe, (name) => ({ cells: 4, tokens: 6 })[name] ?? 0, 3, 0);
      const feeds = { ...Object.fromEntries(parameters()), ...batch, ...keys };
      return differentiated((graph) => ({ loss: built(graph).total }), feeds);
    };
    const [stored, recomputed] = [await run('stored'), await run('recomputed')];
    expect(recomputed.loss).toBe(stored.loss);
    expect([...recomputed.gradients.keys()]).toEqual([...stored.gradients.keys()]);
    for (const [name, gradient] of stored.gradients) {
      const largest = (gradient.data as Float32Array).reduce(
        (most, value) => Math.max(most, Math.abs(value)),
        0,
      );
      expect(largestDifference(recomputed.gradients.get(name) as Tensor, gradient), name).toBeLessThanOrEqual(
        2e-6 * largest + 1e-7,
      );
    }
  });
});

describe('in WebAssembly', () => {
  it('takes the steps of the native runtime', async () => {
    const trainers = [await train({ dropout: 0.2 }), await train({ dropout: 0.2, device: 'wasm' })];
    for (const seed of [1, 2]) {
      const [native, web] = [
        await trainers[0].step(randomBatch(4, seed), rate),
        await trainers[1].step(randomBatch(4, seed), rate),
      ];
      expect(Math.abs(web.total / native.total - 1)).toBeLessThan(1e-5);
      expect(Math.abs(web.gradientNorm / native.gradientNorm - 1)).toBeLessThan(1e-5);
    }
    const [native, web] = trainers.map(({ state }) => state);
    for (const [name, expected] of native.parameters) {
      expect(largestDifference(web.parameters.get(name) as Tensor, expected), name).toBeLessThan(5e-6);
    }
    expect(web.parameters).not.toEqual(parameters());
    for (const trainer of trainers) await trainer.dispose();
  });
});
