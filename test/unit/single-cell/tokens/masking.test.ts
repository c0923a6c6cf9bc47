import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyedDraws } from '../../../../src/single-cell/tokens/draws.ts';
import { maskByChance, maskExactly } from '../../../../src/single-cell/tokens/masking.ts';
import { fixture, recordedDraws } from './recorded.ts';

const names = Object.keys(fixture.about.subcases).filter((name) => name.startsWith('random_mask/'));

describe('masking', () => {
  it.each(names)('%s, as the release', (name) => {
    const { mask_ratio, mask_value, pad_value } = fixture.about.subcases[name];
    const [cells, length] = fixture.shape(`${name}/values`);
    const values = fixture.f32(`${name}/values`);
    const recorded = recordedDraws(name);
    const masked = new Float32Array(values.length);
    for (let cell = 0; cell < cells; cell++) {
      const row = values.subarray(cell * length, (cell + 1) * length);
      const maskable = [...row.keys()].filter((i) => row[i] !== pad_value);
      const draws = {
        ...recorded.ofCell(cell),
        choose(population: number, count: number) {
          expect(population).toBe(maskable.length);
          const positions = recorded.take('choice').values; // recorded as positions of the row
          expect(positions.length).toBe(count);
          return positions.map((position) => maskable.indexOf(position));
        },
      };
      const masking = { ratio: mask_ratio, value: mask_value, padValue: pad_value, protectFirst: 0 };
      masked.set(maskExactly(row, masking, draws), cell * length);
    }
    expect(masked).toEqual(fixture.f32(`${name}/masked`));
    expect(recorded.left()).toBe(0);
  });

  const row = fc.array(fc.constantFrom(-2, 0, 1, 2, 50), { minLength: 1, maxLength: 80 });
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });

  it('hides neither padding nor protected tokens and changes nothing else', () => {
    fc.assert(
      fc.property(row, share, fc.nat(2), fc.integer(), (values, ratio, protectFirst, seed) => {
        const given = Float32Array.from(values);
        const masking = { ratio, value: -1, padValue: -2, protectFirst };
        const exact = maskExactly(given, masking, keyedDraws(seed, 'a'));
        const byChance = maskByChance(given, masking, keyedDraws(seed, 'a'));
        const maskable = values.filter((value, i) => i >= protectFirst && value !== -2).length;
        expect(exact.filter((value) => value === -1).length).toBe(Math.floor(maskable * ratio));
        for (const masked of [exact, byChance]) {
          for (const [i, value] of masked.entries()) {
            if (value !== -1) expect(value).toBe(values[i]);
            else expect(i >= protectFirst && values[i] !== -2).toBe(true);
          }
        }
        expect([...given]).toEqual(values);
      }),
    );
  });

  it('hides each token with the asked probability', () => {
    const values = new Float32Array(20_000).fill(1);
    const masking = { ratio: 0.4, value: -1, padValue: -2, protectFirst: 1 };
    const hidden = maskByChance(values, masking, keyedDraws(1, 'a')).filter((value) => value === -1).length;
    expect(Math.abs(hidden - 8000)).toBeLessThan(350); // 5 standard deviations
  });

  it('does not depend on how far a row is padded', () => {
    const masking = { ratio: 0.5, value: -1, padValue: -2, protectFirst: 1 };
    const short = Float32Array.of(-2, 1, 2, 3, 4);
    const long = Float32Array.of(-2, 1, 2, 3, 4, -2, -2, -2);
    for (const mask of [maskExactly, maskByChance]) {
      expect([...mask(long, masking, keyedDraws(7, 'a'))].slice(0, 5)).toEqual([
        ...mask(short, masking, keyedDraws(7, 'a')),
      ]);
    }
  });
});
