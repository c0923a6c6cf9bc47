/** @file Costs against figures counted by hand and known for the released model. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { cellsWithin, embeddingFlops, embeddingMemory } from '../../../src/model/cost.ts';

const official = modelConfig({ vocabularySize: 60697 });

describe('embeddingFlops', () => {
  it('is near the known 81 GFLOP of a 1,200-token cell when every row is computed', () => {
    const flops = embeddingFlops({ ...official, cellEmbeddingStyle: 'avg-pool' }, 1200);
    expect(flops).toBe(12 * (12 * 512 * 512 * 1200 + 4 * 1200 * 1200 * 512));
    expect(flops / 81e9).toBeCloseTo(1, 1);
  });

  it('saves most of the last layer when only the <cls> row is asked for', () => {
    const saved =
      embeddingFlops({ ...official, cellEmbeddingStyle: 'avg-pool' }, 1200) - embeddingFlops(official, 1200);
    expect(saved).toBe(1199 * 12 * 512 * 512 + (1200 - 8) * 4 * 1200 * 512);
  });
});

describe('embeddingMemory', () => {
  it('stays far below 3 GB for the released model', () => {
    const { weights, activations, total } = embeddingMemory(official, { length: 1200 });
    expect(total).toBe(weights + activations);
    expect(weights).toBeGreaterThan(4 * 51e6);
    expect(total).toBeLessThan(1e9);
  });

  it('grows with the batch, and 8 bits need less', () => {
    const one = embeddingMemory(official, { length: 1200 });
    expect(embeddingMemory(official, { length: 1200, cells: 64 }).activations).toBeGreaterThan(
      64 * one.activations,
    );
    expect(embeddingMemory(official, { length: 1200, precision: 'int8' }).weights).toBeLessThan(one.weights);
  });

  it('inverts into a batch size', () => {
    for (const bytes of [1e9, 4e9, 64e9]) {
      const cells = cellsWithin(official, bytes, { length: 1200 });
      if (cells > 1)
        expect(embeddingMemory(official, { length: 1200, cells }).total).toBeLessThanOrEqual(bytes);
      expect(embeddingMemory(official, { length: 1200, cells: cells + 1 }).total).toBeGreaterThan(bytes);
    }
    expect(cellsWithin(official, 0, { length: 1200 })).toBe(1);
  });
});
