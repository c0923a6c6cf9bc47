import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planBatches } from '../../../../src/tasks/embed/batches.ts';

describe('planBatches', () => {
  it('takes every cell once, in batches of falling spread', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1200 })),
        fc.integer({ min: 1, max: 9 }),
        (lengths, size) => {
          const batches = planBatches(lengths, () => size);
          const cells = batches.flatMap((batch) => [...batch]);
          expect(cells.toSorted((a, b) => a - b)).toEqual(lengths.map((_, cell) => cell));
          expect(batches.length).toBe(Math.ceil(lengths.length / size));
          const sorted = cells.map((cell) => lengths[cell]);
          expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('asks the capacity with the longest cell of the batch', () => {
    const batches = planBatches([100, 400, 100, 200], (length) => 400 / length);
    expect(batches.map((batch) => [...batch])).toEqual([[0], [2, 3], [1]]);
  });

  it('takes a cell that is over any capacity alone, and none from none', () => {
    expect(planBatches([5, 5], () => 0).length).toBe(2);
    expect(planBatches([], () => 4)).toEqual([]);
  });
});
