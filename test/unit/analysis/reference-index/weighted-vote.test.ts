/** @file Votes that weigh by distance: by hand, against plain sums, and where distances are zero or labels missing. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanDistances, weightedVotes } from '../../../../src/analysis/reference-index/weighted-vote.ts';

const groups = ['a', 'b', 'c'];
const labels = (...codes: number[]) => ({ name: 'type', groups, codes: Int32Array.from(codes) });

function neighbours(k: number, indices: readonly number[], distances: readonly number[]) {
  return {
    count: indices.length / k,
    k,
    indices: Int32Array.from(indices),
    distances: Float64Array.from(distances),
  };
}

describe('weightedVotes', () => {
  it('weighs by 1 / distance: one near cell outvotes two far ones', () => {
    const found = weightedVotes(neighbours(3, [0, 1, 2], [1, 3, 3]), labels(0, 1, 1));
    expect([...found.codes]).toEqual([0]);
    expect(found.scores[0]).toBeCloseTo(1 / (1 + 2 / 3), 6);
  });

  it('gives cells without labels no vote, and no label where no neighbour has one', () => {
    const found = weightedVotes(neighbours(2, [0, 1, 2, 3], [1, 2, 1, 2]), labels(-1, 2, -1, -1));
    expect([...found.codes]).toEqual([2, -1]);
    expect([...found.scores]).toEqual([1, 0]);
  });

  it('takes the first of classes of equal weight', () => {
    expect(weightedVotes(neighbours(2, [0, 1], [2, 2]), labels(2, 1)).codes[0]).toBe(1);
  });

  it('lets equal cells vote alike when all distances are zero, and bounds the weight of a zero among others', () => {
    const equal = weightedVotes(neighbours(3, [0, 1, 2], [0, 0, 0]), labels(0, 1, 1));
    expect(equal.codes[0]).toBe(1);
    expect(equal.scores[0]).toBeCloseTo(2 / 3, 6);
    const copy = weightedVotes(neighbours(3, [0, 1, 2], [0, 3, 3]), labels(0, 1, 1));
    expect(copy.codes[0]).toBe(0);
    expect(copy.scores[0]).toBeCloseTo(500 / (500 + 2 / 3), 6); // a thousandth of the mean distance, 2, is the least
  });

  it('equals sums of weights, whatever the scale of distances', () => {
    const lists = fc.record({
      k: fc.integer({ min: 1, max: 8 }),
      distances: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 8, maxLength: 8 }),
      codes: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 8, maxLength: 8 }),
      scale: fc.constantFrom(1e-6, 1, 1e6),
    });
    fc.assert(
      fc.property(lists, ({ k, distances, codes, scale }) => {
        const some = distances.slice(0, k).map((distance) => distance * scale);
        const found = weightedVotes(
          neighbours(
            k,
            some.map((_, i) => i),
            some,
          ),
          labels(...codes),
        );
        const sums = groups.map((_, code) =>
          some.reduce((sum, distance, i) => sum + (codes[i] === code ? 1 / distance : 0), 0),
        );
        const total = sums.reduce((a, b) => a + b, 0);
        if (total === 0) {
          expect(found.codes[0]).toBe(-1);
          return;
        }
        expect(found.scores[0]).toBeCloseTo(Math.max(...sums) / total, 5);
        expect(sums[found.codes[0]] / Math.max(...sums)).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('meanDistances', () => {
  it('averages over the neighbours of each cell', () => {
    expect([...meanDistances(neighbours(2, [0, 1, 2, 0], [1, 3, 0, 5]))]).toEqual([2, 2.5]);
  });
});
