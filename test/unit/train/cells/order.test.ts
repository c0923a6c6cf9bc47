import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/support/errors.ts';
import { shuffledBlocks } from '../../../../src/train/cells/order.ts';

const numbers = (length: number) => Int32Array.from({ length }, (_, i) => 3 * i);
const sizes = {
  count: fc.nat(3000),
  seed: fc.integer(),
  epoch: fc.nat(100),
  blockCells: fc.integer({ min: 1, max: 300 }),
  windowBlocks: fc.integer({ min: 1, max: 10 }),
};

describe('shuffledBlocks', () => {
  it('holds every cell once, in as few and as even windows of whole blocks as the limits allow', () => {
    fc.assert(
      fc.property(fc.record(sizes), ({ count, ...options }) => {
        const windows = shuffledBlocks(numbers(count), options);
        const cells = windows.flatMap((window) => [...window]);
        expect(cells.toSorted((a, b) => a - b)).toEqual([...numbers(count)]);
        const blocks = Math.ceil(count / options.blockCells);
        expect(windows.length).toBe(Math.ceil(blocks / options.windowBlocks));
        const blockOf = (cell: number) => Math.ceil(((cell / 3 + 1) * blocks) / count) - 1;
        const perWindow = windows.map((window) => new Set(Array.from(window, blockOf)).size);
        expect(perWindow.reduce((sum, some) => sum + some, 0)).toBe(blocks); // no block in two windows
        if (count > 0) expect(Math.max(...perWindow) - Math.min(...perWindow)).toBeLessThanOrEqual(1);
        for (const some of perWindow) expect(some).toBeLessThanOrEqual(options.windowBlocks);
      }),
    );
  });

  it('depends on seed and epoch alone', () => {
    const order = (seed: number, epoch: number) => shuffledBlocks(numbers(5000), { seed, epoch });
    expect(order(1, 2)).toEqual(order(1, 2));
    expect(order(1, 2)).not.toEqual(order(1, 3));
    expect(order(1, 2)).not.toEqual(order(2, 2));
  });

  it('is the order of earlier versions, so that their runs can be resumed', () => {
    const windows = shuffledBlocks(numbers(12), { seed: 1, epoch: 2, blockCells: 3, windowBlocks: 2 });
    expect(windows.map((window) => [...window])).toEqual([
      [15, 24, 12, 21, 9, 18],
      [3, 0, 33, 6, 27, 30],
    ]);
  });

  it('puts any cell anywhere: blocks across windows, cells within them', () => {
    const epochs = Array.from({ length: 400 }, (_, epoch) =>
      shuffledBlocks(numbers(12), { seed: 5, epoch, blockCells: 3, windowBlocks: 2 }),
    );
    for (let place = 0; place < 12; place++) {
      const seen = new Map<number, number>();
      for (const windows of epochs) {
        const cell = windows.flatMap((window) => [...window])[place];
        seen.set(cell, (seen.get(cell) ?? 0) + 1);
      }
      expect(seen.size).toBe(12);
      for (const times of seen.values()) expect(Math.abs(times - 400 / 12)).toBeLessThan(25); // 4.4 sd
    }
  });

  it('refuses sizes that are none', () => {
    for (const bad of [0, -1, 1.5, Number.NaN]) {
      expect(() => shuffledBlocks(numbers(2), { seed: 1, epoch: 0, blockCells: bad })).toThrow(UsageError);
      expect(() => shuffledBlocks(numbers(2), { seed: 1, epoch: 0, windowBlocks: bad })).toThrow(UsageError);
    }
  });
});
