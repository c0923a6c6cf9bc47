/** @file Scores of clusters made from joint neighbours: of the scored cells alone, and of what was scored before. */

import { describe, expect, it } from 'vitest';
import { subgraph } from '../../../../src/analysis/multimodal/subgraph.ts';
import { nearestNeighbours } from '../../../../src/analysis/neighbours.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { scoredByNeighbours } from '../../../../src/tasks/multiome/graph-scores.ts';

describe('scoredByNeighbours', () => {
  it('replaces scores of clusters, and the mean they are part of', async () => {
    const random = randomStream(2, 'cells');
    const count = 90;
    const values = Float64Array.from({ length: count * 2 }, (_, i) => {
      const group = Math.floor(i / 2) % 3;
      return random.normal() + (i % 2 === 0 ? 20 * group : 0);
    });
    const neighbours = await nearestNeighbours({ values, count, dimensions: 2 }, 15);
    const placed = Int32Array.from({ length: count }, (_, i) => i + 1); // the first of all cells has no place
    const rows = placed.filter((_, i) => i % 4 !== 0);
    const labels = { name: 'type', codes: rows.map((row) => (row - 1) % 3), groups: ['a', 'b', 'c'] };
    const one = (mean: number) => ({ mean, sd: null });
    const row = {
      name: 'joint',
      origin: 'data' as const,
      about: 'x',
      runs: 1,
      seconds: null,
      scores: { avg_bio: one(0), nmi: one(0), ari: one(0), asw_label: one(0.4), clisi: one(0.7) },
    };
    const scored = await scoredByNeighbours(row, { neighbours, rows: placed }, { rows, labels }, {});
    expect(scored.scores).toEqual({
      avg_bio: one((1 + 1 + 0.4) / 3),
      nmi: one(1),
      ari: one(1),
      asw_label: one(0.4),
      clisi: one(0.7),
    });
  });
});

describe('subgraph', () => {
  it('keeps edges among the cells that are taken', () => {
    const graph = {
      count: 4,
      indptr: Int32Array.of(0, 2, 4, 5, 5),
      indices: Int32Array.of(1, 2, 0, 3, 0),
      weights: Float64Array.of(1, 2, 1, 3, 2),
    };
    const { count, indptr, indices, weights } = subgraph(graph, Int32Array.of(2, 0, 3));
    expect(count).toBe(3);
    expect([...indptr]).toEqual([0, 1, 2, 2]);
    expect([...indices]).toEqual([1, 0]);
    expect([...weights]).toEqual([2, 2]);
  });
});
