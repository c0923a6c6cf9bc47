/** @file What training costs: operations counted by hand, and memory beside what was measured. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { parameterCount, trainingFlops, trainingMemory } from '../../../src/model/training-cost.ts';

const official = modelConfig({ vocabularySize: 3003 });
const sized = (layers: number, width: number, heads: number, vocabularySize: number) =>
  modelConfig({
    architecture: 'pretraining',
    layers,
    embeddingSize: width,
    hiddenSize: width,
    heads,
    vocabularySize,
  });

describe('trainingFlops', () => {
  it('counts the products of the published size: 323 GFLOP forward in layers, thrice that in a step', () => {
    const step = trainingFlops({ ...official, doMvc: false }, { cells: 4, tokens: 1200 });
    const decoder = 3 * 4800 * 4 * 512 * 512;
    expect((step - decoder) / 3 / 1e9).toBeCloseTo(322.75, 2);
  });

  it('saves the unknown rows attention to one another and their output projection', () => {
    const [d, known, unknown] = [512, 300, 900];
    const whole = trainingFlops({ ...official, layers: 1 }, { cells: 1, tokens: 1200 });
    const apart = trainingFlops({ ...official, layers: 1 }, { cells: 1, known, unknown });
    const attention = 3 * 4 * 1200 * unknown * d;
    const projection = 3 * unknown * 2 * d * d;
    const unscored = 3 * known * 6 * d * d; // known genes are not predicted
    expect(whole - apart).toBe(attention + projection + unscored);
  });

  it('is twice as much in layers with a second pass', () => {
    const shape = { cells: 2, known: 100, unknown: 100 };
    const once = trainingFlops({ ...official, doMvc: false }, shape);
    expect(trainingFlops({ ...official, doMvc: false }, shape, { cellPrompted: true })).toBe(2 * once);
  });
});

describe('trainingMemory', () => {
  /** Peak resident memory of the native runtime on Linux, MB, after three steps. */
  const measured = [
    { size: [4, 128, 4, 2000], shape: [8, 300, 300], peak: 486 },
    { size: [4, 128, 4, 2000], shape: [8, 300, 300], recompute: true, peak: 425 },
    { size: [4, 128, 4, 30_000], shape: [8, 300, 300], peak: 662 },
    { size: [8, 128, 4, 2000], shape: [8, 500, 100], peak: 920 },
    { size: [12, 128, 4, 2000], shape: [8, 500, 100], peak: 1253 },
    { size: [4, 256, 4, 2000], shape: [16, 300, 300], dropout: true, peak: 1245 },
    { size: [4, 128, 4, 758], shape: [64, 352, 117], peak: 2121 },
    { size: [4, 128, 4, 758], shape: [64, 352, 117], dropout: true, peak: 3532 },
    { size: [4, 128, 4, 758], shape: [64, 352, 117], recompute: true, dropout: true, peak: 2394 },
    { size: [6, 256, 8, 2000], shape: [12, 600, 200], recompute: true, peak: 1858 },
    { size: [4, 128, 4, 2000], shape: [8, 300, 300], cellPrompted: true, peak: 649 },
    { size: [4, 128, 4, 758], shape: [32, 235, 234], contrast: true, peak: 1188 },
    { size: [12, 512, 8, 2000], shape: [1, 100, 100], peak: 1308 },
    { size: [12, 512, 8, 3003], shape: [4, 1200, 0], peak: 5670 },
    { size: [12, 512, 8, 3003], shape: [4, 1200, 0], recompute: true, peak: 3950 },
  ] as const;

  it.each(measured)('is within 15 per cent of what was measured: %j', ({ size, shape, peak, ...options }) => {
    const [layers, width, heads, vocabulary] = size;
    const [cells, known, unknown] = shape;
    const { total } = trainingMemory(
      sized(layers, width, heads, vocabulary),
      { cells, known, unknown },
      options,
    );
    expect(total / 1e6 / peak).toBeGreaterThan(0.85);
    expect(total / 1e6 / peak).toBeLessThan(1.15);
  });

  it('is less where less is trained, by moments and gradients', () => {
    const config = sized(2, 64, 2, 1000);
    const shape = { cells: 1, tokens: 10 };
    const all = trainingMemory(config, shape);
    const none = trainingMemory(config, shape, { trained: 0 });
    expect(all.parameters / none.parameters).toBeGreaterThan(4);
    expect(none.parameters).toBe(3 * 4 * parameterCount(config));
    expect(all.activations).toBe(none.activations);
  });
});
