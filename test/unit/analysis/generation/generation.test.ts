/** @file Generated cells: counts that are drawn, the decoder, and scores on cells whose truth is known. */

import { describe, expect, it } from 'vitest';
import { dispersedCount, gamma, poisson } from '../../../../src/analysis/generation/count-draws.ts';
import { expressionOf } from '../../../../src/analysis/generation/drawn-cells.ts';
import {
  copiedCells,
  kindMeanCells,
  meanCells,
} from '../../../../src/analysis/generation/plain-generators.ts';
import { fitRateDecoder } from '../../../../src/analysis/generation/rate-decoder.ts';
import { generationScores, profileScores } from '../../../../src/analysis/generation/scores.ts';
import { smoothedSample } from '../../../../src/analysis/generation/smoothed-sample.ts';
import { matrixOf } from '../../../../src/analysis/multimodal/dense-matrix.ts';
import { inMemory } from '../../../../src/single-cell/in-memory.ts';
import { type Random, randomStream } from '../../../../src/support/random.ts';

function momentsOf(draw: () => number, count = 20_000) {
  const values = Array.from({ length: count }, draw);
  const mean = values.reduce((a, b) => a + b, 0) / count;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
}

describe('drawn counts', () => {
  it('have the mean and the variance that are asked for, small and large', () => {
    const random = randomStream(1, 'counts');
    for (const asked of [0.3, 4, 11.9, 12.1, 80]) {
      const { mean, variance } = momentsOf(() => poisson(random, asked));
      expect(Math.abs(mean / asked - 1)).toBeLessThan(0.03);
      expect(Math.abs(variance / asked - 1)).toBeLessThan(0.06);
    }
    for (const shape of [0.4, 3]) {
      const { mean, variance } = momentsOf(() => gamma(random, shape));
      expect(Math.abs(mean / shape - 1)).toBeLessThan(0.04);
      expect(Math.abs(variance / shape - 1)).toBeLessThan(0.1);
    }
    const { mean, variance } = momentsOf(() => dispersedCount(random, 5, 0.5));
    expect(mean).toBeCloseTo(5, 0);
    expect(Math.abs(variance / (5 + 0.5 * 25) - 1)).toBeLessThan(0.08);
    expect(poisson(random, 0)).toBe(0);
  });
});

/** Two kinds; genes 0 to 9 mark the first, 10 to 19 the second, the rest neither. */
async function knownCells(cells: number, random: Random) {
  const codes = Int32Array.from({ length: cells }, (_, cell) => cell % 2);
  const genes = 40;
  const values = Float64Array.from({ length: cells * genes }, (_, i) => {
    const [kind, gene] = [codes[Math.floor(i / genes)], i % genes];
    return poisson(random, gene >= 20 ? 3 : gene < 10 === (kind === 0) ? 6 : 0.5);
  });
  const counts = await inMemory(matrixOf({ values, count: cells, dimensions: genes }));
  return { expression: await expressionOf(counts), kinds: { name: 'kind', groups: ['a', 'b'], codes } };
}

describe('the decoder', () => {
  it('finds the rates that counts were drawn with', async () => {
    const { expression, kinds } = await knownCells(400, randomStream(2, 'cells'));
    const points = {
      values: Float64Array.from(kinds.codes, (code) => 2 * code - 1),
      count: 400,
      dimensions: 1,
    };
    const decoder = await fitRateDecoder(points, expression);
    const rates = new Float64Array(40);
    decoder.rates([-1], 125, rates);
    for (const [gene, rate] of [
      [0, 6],
      [15, 0.5],
      [30, 3],
    ])
      expect(Math.abs(rates[gene] - rate)).toBeLessThan(0.15 * rate + 0.05);
    expect(Math.max(...decoder.dispersions)).toBeLessThan(0.3); // counts were Poisson
  });

  it('stays finite for a gene that one cell alone expresses', async () => {
    const values = new Float64Array(60).fill(1);
    for (let cell = 0; cell < 30; cell++) values[cell * 2 + 1] = cell === 0 ? 5 : 0;
    const expression = await expressionOf(await inMemory(matrixOf({ values, count: 30, dimensions: 2 })));
    const points = {
      values: Float64Array.from({ length: 30 }, (_, i) => (i === 0 ? 5 : 0)),
      count: 30,
      dimensions: 1,
    };
    const decoder = await fitRateDecoder(points, expression);
    const rates = new Float64Array(2);
    decoder.rates([0], 1, rates);
    expect(rates.every((rate) => Number.isFinite(rate) && rate >= 0)).toBe(true);
  });
});

describe('points drawn around others', () => {
  it('keep mean and variance of their kind, and copy a single one', async () => {
    const random = randomStream(3, 'points');
    const values = Float64Array.from({ length: 201 }, (_, i) => (i === 200 ? 50 : random.normal()));
    const codes = Int32Array.from({ length: 201 }, (_, i) => (i === 200 ? 1 : 0));
    const draw = await smoothedSample(
      { values, count: 201, dimensions: 1 },
      { name: 'k', groups: ['a', 'b'], codes },
    );
    const point = new Float64Array(1);
    const { mean, variance } = momentsOf(() => {
      draw(0, random, point);
      return point[0];
    });
    expect(Math.abs(mean)).toBeLessThan(0.2);
    expect(variance).toBeGreaterThan(0.7);
    expect(variance).toBeLessThan(1.3);
    expect(draw(1, random, point)).toBe(200);
    expect(point[0]).toBe(50);
  });
});

describe('scores of generated cells', () => {
  it('tell what differs by kind from what does not', async () => {
    const training = await knownCells(120, randomStream(4, 'training'));
    const heldOut = await knownCells(60, randomStream(5, 'held out'));
    const of = async (generator: typeof meanCells) =>
      (await generationScores(await generator.fit(training), { training, heldOut }, 0)).mean;
    const [mean, kind, copies] = [await of(meanCells), await of(kindMeanCells), await of(copiedCells)];
    expect(mean.profile).toBeLessThan(0.5);
    for (const good of [kind, copies]) {
      expect(good.profile).toBeGreaterThan(0.98);
      expect(good.recognised).toBeGreaterThan(0.98);
      expect(good.distance).toBeLessThan(0.1);
      expect(Math.abs(good.toldApart - 0.5)).toBeLessThan(0.1);
    }
    expect(mean.distance).toBeGreaterThan(0.5);
  });

  it('give 0 where generated kinds are all the same', () => {
    const same = [Float64Array.of(1, 2, 3), Float64Array.of(1, 2, 3)];
    expect(profileScores(same, [Float64Array.of(1, 2, 3), Float64Array.of(3, 1, 2)])).toEqual([0, 0]);
  });
});
