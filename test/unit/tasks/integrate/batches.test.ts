import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesWithin, inBatches } from '../../../../src/tasks/integrate/batches.ts';

const drawn = { seed: 0, epoch: 1 };

describe('batches of training', () => {
  it('hold every cell once, in even parts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), (count, size) => {
        const rows = Int32Array.from({ length: count }, (_, i) => i);
        const batches = inBatches(rows, size, drawn);
        const all = batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
        expect(all).toEqual([...rows]);
        const sizes = batches.map(({ length }) => length);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(size);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are of one batch of the data each, where they are to be', () => {
    const codes = Int32Array.from({ length: 90 }, (_, i) => i % 3);
    const rows = Int32Array.from({ length: 90 }, (_, i) => i);
    const batches = batchesWithin(rows, 16, { ...drawn, codes });
    for (const batch of batches) expect(new Set(Array.from(batch, (row) => codes[row])).size).toBe(1);
    expect(batches.flatMap((batch) => [...batch])).toHaveLength(90);
  });
});
