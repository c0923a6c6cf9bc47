/** @file Trees of classes: who parts first, and that every class is a leaf. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClassTree, classTree } from '../../../../src/analysis/classifiers/class-tree.ts';

/** A tree in brackets. */
function written({ classes, branches }: ClassTree): string {
  return branches === null ? String(classes[0]) : `(${branches.map(written).join(' ')})`;
}

/** Whether each tree's classes are those of its branches. */
function isWhole({ classes, branches }: ClassTree): boolean {
  if (branches === null) return classes.length === 1;
  const below = Int32Array.of(...branches[0].classes, ...branches[1].classes).sort();
  return below.join() === classes.join() && branches.every(isWhole);
}

describe('a tree of classes', () => {
  it('parts unlike profiles first', () => {
    const profiles = [
      [1, 2, 3, 4, 5, 6],
      [6, 5, 4, 3, 2, 1],
      [1, 2, 3, 4, 6, 5],
      [6, 5, 4, 3, 1, 2],
      [2, 1, 4, 3, 5, 6],
    ].map((profile) => Float64Array.from(profile));
    // 0-2 are joined first (distance 2/35), then 1-3, then 4 to (0 2)
    expect(written(classTree(profiles))).toBe('((1 3) (4 (0 2)))');
  });

  it('is the one scipy draws by average linkage, not those by single or complete linkage', () => {
    const profiles = [
      [5, 7, 4, 2, 6, 0, 3, 1],
      [7, 3, 0, 1, 2, 4, 5, 6],
      [2, 3, 7, 5, 6, 0, 1, 4],
      [2, 7, 5, 4, 3, 1, 6, 0],
      [1, 7, 6, 0, 5, 3, 2, 4],
      [2, 4, 7, 1, 0, 5, 3, 6],
    ].map((profile) => Float64Array.from(profile));
    // single: (1 (2 (5 (4 (0 3))))), complete: ((2 (0 3)) (1 (4 5)))
    expect(written(classTree(profiles))).toBe('(1 ((4 5) (2 (0 3))))');
  });

  it('has every class as a leaf once', () => {
    const profile = fc.array(fc.nat(9), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(profile, { minLength: 1, maxLength: 12 }), (profiles) => {
        const tree = classTree(profiles.map((values) => Float64Array.from(values)));
        expect([...tree.classes]).toEqual([...profiles.keys()]);
        expect(isWhole(tree)).toBe(true);
      }),
    );
  });
});
