/** @file A binary tree of classes: those with like profiles part last. */

import { rankVector } from './rank-vectors.ts';

/** A class, or classes that part into two branches. */
export interface ClassTree {
  /** Codes of the classes below, ascending. */
  readonly classes: Int32Array;
  /** Null of a single class. */
  readonly branches: readonly [ClassTree, ClassTree] | null;
}

/**
 * Joins classes by average linkage of Spearman distances (1 - correlation) between their profiles; of equal distances
 * the first pair.
 *
 * @param profiles of at least one class, over the same genes
 */
export function classTree(profiles: readonly Float64Array[]): ClassTree {
  const distances = spearmanDistances(profiles);
  let trees: ClassTree[] = profiles.map((_, code) => ({ classes: Int32Array.of(code), branches: null }));
  while (trees.length > 1) {
    const [a, b] = nearestPair(trees, distances);
    const joined = { classes: Int32Array.of(...a.classes, ...b.classes).sort(), branches: [a, b] as const };
    trees = [...trees.filter((tree) => tree !== a && tree !== b), joined];
  }
  return trees[0];
}

function spearmanDistances(profiles: readonly Float64Array[]): Float64Array[] {
  const ranks = profiles.map((profile) => {
    const out = new Float32Array(profile.length);
    rankVector(profile, out);
    return out;
  });
  return ranks.map((a) =>
    Float64Array.from(ranks, (b) => 1 - a.reduce((sum, value, gene) => sum + value * b[gene], 0)),
  ); // [classes, classes]
}

function nearestPair(
  trees: readonly ClassTree[],
  distances: readonly Float64Array[],
): [ClassTree, ClassTree] {
  let nearest = Number.POSITIVE_INFINITY;
  let pair: [ClassTree, ClassTree] = [trees[0], trees[1]];
  trees.forEach((a, place) => {
    for (const b of trees.slice(place + 1)) {
      const distance = meanDistance(a, b, distances);
      if (distance >= nearest) continue;
      nearest = distance;
      pair = [a, b];
    }
  });
  return pair;
}

function meanDistance(a: ClassTree, b: ClassTree, distances: readonly Float64Array[]): number {
  let sum = 0;
  for (const i of a.classes) for (const j of b.classes) sum += distances[i][j];
  return sum / (a.classes.length * b.classes.length);
}
