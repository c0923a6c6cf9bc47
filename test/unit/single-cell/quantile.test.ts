import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, quantile } from '../../../src/single-cell/quantile.ts';

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0); // no -0
const numbers = fc.array(number, { minLength: 1, maxLength: 50 });

describe('quantile', () => {
  it('meets the ends exactly and never leaves the neighbours', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, level) => {
        const sorted = Float64Array.from(values).sort();
        expect(quantile(sorted, sorted.length, 0)).toBe(sorted[0]);
        expect(quantile(sorted, sorted.length, 1)).toBe(sorted[sorted.length - 1]);
        const place = (sorted.length - 1) * level;
        const found = quantile(sorted, sorted.length, level);
        expect(found).toBeGreaterThanOrEqual(sorted[Math.floor(place)]);
        expect(found).toBeLessThanOrEqual(sorted[Math.ceil(place)]);
      }),
    );
  });

  it('looks at the first values only', () => {
    expect(quantile(Float64Array.of(1, 2, 3, 99), 3, 0.5)).toBe(2);
  });
});

describe('median', () => {
  it('is the middle, or the mean of the two in the middle, and leaves its argument alone', () => {
    const values = [3, 1, 2, 10];
    expect(median(values)).toBe(2.5);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([])).toBeNaN();
    expect(values).toEqual([3, 1, 2, 10]);
  });
});
