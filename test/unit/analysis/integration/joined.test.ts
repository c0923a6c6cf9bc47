import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined } from '../../../../src/analysis/integration/joined.ts';
import type { Points } from '../../../../src/analysis/points.ts';

const points = (count: number, dimensions: number) =>
  fc
    .array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
      minLength: count * dimensions,
      maxLength: count * dimensions,
    })
    .map((values): Points => ({ values: Float64Array.from(values), count, dimensions }));

/** The sum of the variances of all dimensions. */
function variance({ values, count, dimensions }: Points, from: number, to: number): number {
  let total = 0;
  for (let d = from; d < to; d++) {
    const column = Array.from({ length: count }, (_, cell) => Number(values[cell * dimensions + d]));
    const mean = column.reduce((sum, value) => sum + value, 0) / count;
    total += column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  }
  return total;
}

describe('joined', () => {
  it('gives every embedding the variance of its weight squared, whatever its scale', () => {
    fc.assert(
      fc.property(
        points(7, 3),
        points(7, 2),
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        (a, b, weight) => {
          fc.pre(variance(a, 0, 3) > 1e-3 && variance(b, 0, 2) > 1e-3);
          const both = joined([a, 1], [b, weight]);
          expect(both.dimensions).toBe(5);
          expect(variance(both, 0, 3)).toBeCloseTo(1, 8);
          expect(variance(both, 3, 5)).toBeCloseTo(weight ** 2, 8);
        },
      ),
    );
  });

  it('adds nothing of an embedding without variance', () => {
    const same: Points = { values: new Float32Array(6).fill(3), count: 3, dimensions: 2 };
    expect(Array.from(joined([same, 1]).values)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuses embeddings of other cells', () => {
    const of = (count: number): Points => ({ values: new Float32Array(count), count, dimensions: 1 });
    expect(() => joined([of(3), 1], [of(4), 1])).toThrow(/of 3 cells, another of 4/);
  });
});
