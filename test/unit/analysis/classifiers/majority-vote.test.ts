/** @file One label for all cells of a cluster, against CellTypist's. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { majorityVote } from '../../../../src/analysis/classifiers/majority-vote.ts';
import { classes, classical } from './stored.ts';

const codes = classical.i32('majority_vote/predicted');
const clusters = classical.i32('majority_vote/over_clustering');

describe('majority vote', () => {
  it.each([0, 0.6, 0.95])("gives CellTypist's labels with a least share of %d", (minimumShare) => {
    const stored = classical.about.majority_vote[`min_prop_${minimumShare}`];
    const voted = majorityVote(codes, clusters, { minimumShare }).codes;
    const names = Array.from(voted, (code) => (code < 0 ? 'Heterogeneous' : classes[code]));
    expect(names).toEqual(Array.from(clusters, (cluster) => stored[cluster]));
  });

  it('gives equally common labels to the first class', () => {
    expect([...majorityVote(Int32Array.of(2, 1, 1, 2), Int32Array.of(7, 7, 7, 7)).codes]).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it('lets cells without a label dilute their cluster, not vote', () => {
    const some = Int32Array.of(-1, -1, 3);
    const same = Int32Array.of(0, 0, 0);
    expect([...majorityVote(some, same).codes]).toEqual([3, 3, 3]);
    expect([...majorityVote(some, same, { minimumShare: 0.5 }).codes]).toEqual([-1, -1, -1]);
    expect([...majorityVote(Int32Array.of(-1, 0), Int32Array.of(0, 1)).codes]).toEqual([-1, 0]);
  });

  it('tells how much of a cluster agrees', () => {
    const { shares } = majorityVote(Int32Array.of(0, 0, 1, -1, -1), Int32Array.of(0, 0, 0, 0, 1));
    expect([...shares]).toEqual([0.5, 0.5, 0.5, 0.5, 0]);
  });

  it('leaves cells alone that are clusters by themselves, and settles in one round', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -1, max: 4 }), fc.nat(3)), { maxLength: 40 }),
        (cells) => {
          const labels = Int32Array.from(cells, ([label]) => label);
          const groups = Int32Array.from(cells, ([, group]) => group);
          expect(majorityVote(labels, Int32Array.from(labels.keys())).codes).toEqual(labels);
          const voted = majorityVote(labels, groups).codes;
          expect(majorityVote(voted, groups).codes).toEqual(voted);
        },
      ),
    );
  });
});
