/** @file Graph connectivity against scib, and by hand. */

import { describe, expect, it } from 'vitest';
import { graphConnectivity } from '../../../../src/analysis/metrics/connectivity.ts';
import type { WeightedGraph } from '../../../../src/analysis/neighbour-graph.ts';
import { storedGraph } from '../stored.ts';
import { kinds, labels, metrics, results } from './stored.ts';

/** Points 0 - 1 - 2 - 3 in a line, and 4 alone. */
const line: WeightedGraph = {
  count: 5,
  indptr: Int32Array.of(0, 1, 3, 5, 6, 6),
  indices: Int32Array.of(1, 0, 2, 1, 3, 2),
  weights: new Float64Array(6).fill(1),
};

const by = (...codes: number[]) => ({ name: 'x', codes: Int32Array.from(codes), groups: ['a', 'b', 'c'] });

describe('graphConnectivity', () => {
  it.each(kinds)('equals scib on the %s embedding', (kind) => {
    const graph = storedGraph(metrics, `${kind}/connectivities15`);
    expect(graphConnectivity(graph, labels)).toBeCloseTo(
      results[kind].graph_connectivity_on_connectivities,
      12,
    );
  });

  it('counts by hand: edges lead through cells of the own label only', () => {
    expect(graphConnectivity(line, by(0, 0, 0, 0, 0))).toBe(4 / 5);
    expect(graphConnectivity(line, by(0, 0, 1, 0, 1))).toBe((2 / 3 + 1 / 2) / 2);
  });

  it('leaves cells without a label out', () => {
    expect(graphConnectivity(line, by(0, 0, -1, 0, -1))).toBe(2 / 3);
    expect(graphConnectivity(line, by(-1, -1, -1, -1, -1))).toBeNaN();
  });
});
