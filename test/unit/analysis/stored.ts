/** @file Points and graphs as the fixtures hold them. */

import type { WeightedGraph } from '../../../src/analysis/neighbour-graph.ts';
import type { Points } from '../../../src/analysis/points.ts';
import { type Golden, golden } from '../single-cell/golden.ts';

/** The 300 cells of `classical` in their first 15 components, which its neighbours and graphs were found in. */
export function storedPoints(): Points {
  const scores = golden('classical').f32('pca/X_pca');
  const values = Float32Array.from(
    { length: 300 * 15 },
    (_, i) => scores[Math.floor(i / 15) * 20 + (i % 15)],
  );
  return { values, count: 300, dimensions: 15 };
}

/** A symmetric matrix in compressed sparse row form as a graph. */
export function storedGraph<Case>(fixture: Golden<Case>, name: string): WeightedGraph {
  const indptr = fixture.i32(`${name}.indptr`);
  return {
    count: indptr.length - 1,
    indptr,
    indices: fixture.i32(`${name}.indices`),
    weights: Float64Array.from(fixture.f32(`${name}.data`)),
  };
}
