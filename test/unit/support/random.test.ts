import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/support/random.ts';

const draws = (stream: { uniform(): number }, count: number) =>
  Array.from({ length: count }, () => stream.uniform());

describe('randomStream', () => {
  it('gives the same numbers for the same seed and key, and others for any other', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.string(), (seed, a, b) => {
        const first = draws(randomStream(seed, 'binning', a), 8);
        expect(draws(randomStream(seed, 'binning', a), 8)).toEqual(first);
        expect(draws(randomStream(seed + 1, 'binning', a), 8)).not.toEqual(first);
        if (a !== b) expect(draws(randomStream(seed, 'binning', b), 8)).not.toEqual(first);
      }),
    );
  });

  it('tells a number from its text and a split of the key from its joining', () => {
    expect(draws(randomStream(0, 1), 4)).not.toEqual(draws(randomStream(0, '1'), 4));
    expect(draws(randomStream(0, 'ab', 'c'), 4)).not.toEqual(draws(randomStream(0, 'a', 'bc'), 4));
  });

  it('is uniform over [0, 1): mean, variance and the first draw of many keys', () => {
    const values = Array.from({ length: 20_000 }, (_, key) => randomStream(7, 'first', key).uniform());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
    const deciles = new Array<number>(10).fill(0);
    for (const value of values) deciles[Math.floor(value * 10)]++;
    for (const count of deciles) expect(Math.abs(count - 2000)).toBeLessThan(200); // 4.7 standard deviations
  });

  it('draws standard normals', () => {
    const stream = randomStream(3, 'normal');
    const values = Array.from({ length: 50_000 }, () => stream.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });

  it('samples distinct ascending integers, every one equally often', () => {
    const counts = new Array<number>(10).fill(0);
    for (let key = 0; key < 5000; key++) {
      const chosen = randomStream(11, key).sample(10, 3);
      expect(new Set(chosen).size).toBe(3);
      expect([...chosen]).toEqual([...chosen].sort((a, b) => a - b));
      for (const index of chosen) counts[index]++;
    }
    for (const count of counts) expect(Math.abs(count - 1500)).toBeLessThan(160); // 5 standard deviations
  });

  it('shuffles without losing anything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const shuffled = randomStream(seed, 'shuffle').shuffle([...items]);
        expect(shuffled.sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });
});
