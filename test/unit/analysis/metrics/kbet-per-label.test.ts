/** @file kBET within labels against scib-metrics: tests from its neighbours exactly, own neighbours against its own. */

import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import { connectedParts } from '../../../../src/analysis/metrics/connectivity.ts';
import { diffusionCoordinates } from '../../../../src/analysis/metrics/diffusion.ts';
import { kBet } from '../../../../src/analysis/metrics/kbet.ts';
import { kBetPerLabel } from '../../../../src/analysis/metrics/kbet-per-label.ts';
import { neighbourGraph, type WeightedGraph } from '../../../../src/analysis/neighbour-graph.ts';
import { nearestNeighbours } from '../../../../src/analysis/neighbours.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { storedGraph } from '../stored.ts';
import { batches, embedding, kinds, labels, metrics, results } from './stored.ts';

const tested = kinds.flatMap((kind) =>
  labels.groups.flatMap((name, label) =>
    metrics.has(`${kind}/kbet_label_${label}_cells`) ? [{ kind, name, label }] : [],
  ),
);

/** The stored neighbours in diffusion space, rows and all; the first column is the cell itself. */
function storedLabel(kind: string, label: number) {
  const cells = metrics.i32(`${kind}/kbet_label_${label}_cells`);
  const rows = metrics.i32(`${kind}/kbet_label_${label}_neighbours`);
  const k = rows.length / cells.length - 1;
  const indices = Int32Array.from(
    { length: cells.length * k },
    (_, i) => rows[Math.floor(i / k) * (k + 1) + (i % k) + 1],
  );
  return {
    cells,
    rows,
    neighbours: { count: cells.length, k, indices, distances: new Float64Array(indices.length) },
  };
}

/** The edges among some cells. */
function among(graph: WeightedGraph, cells: Int32Array): WeightedGraph {
  const place = new Map(Array.from(cells, (cell, i) => [cell, i]));
  const rows = Array.from(cells, (cell) =>
    Array.from(
      { length: graph.indptr[cell + 1] - graph.indptr[cell] },
      (_, i) => graph.indptr[cell] + i,
    ).filter((edge) => place.has(graph.indices[edge])),
  );
  const edges = rows.flat();
  let end = 0;
  return {
    count: cells.length,
    indptr: Int32Array.from([0, ...rows.map(({ length }) => (end += length))]),
    indices: Int32Array.from(edges, (edge) => place.get(graph.indices[edge]) ?? -1),
    weights: Float64Array.from(edges, (edge) => graph.weights[edge]),
  };
}

/** The graph of 50 neighbours among the cells of a label that take part. */
function graphOf({ kind, label }: (typeof tested)[number]): WeightedGraph {
  return among(storedGraph(metrics, `${kind}/connectivities50`), storedLabel(kind, label).cells);
}

const inOnePart = tested.filter((which) => {
  const graph = graphOf(which);
  const all = { name: 'all', codes: new Int32Array(graph.count), groups: ['all'] };
  return [...connectedParts(graph, all)].length === 1;
});

it.each(tested)(
  '$name of the $kind embedding scores as in scib-metrics by the neighbours it found',
  (which) => {
    const { cells, rows, neighbours } = storedLabel(which.kind, which.label);
    cells.forEach((_, i) => {
      expect(rows[i * (neighbours.k + 1)]).toBe(i);
    });
    const ofLabel = { ...batches, codes: cells.map((cell) => batches.codes[cell]) };
    const { acceptance } = kBet(neighbours, ofLabel);
    expect(acceptance).toBeCloseTo(results[which.kind].kBET_per_label_table[which.name], 12);
  },
);

it.each(inOnePart)(
  '$name of the $kind embedding has the neighbours that an approximate search finds',
  async (which) => {
    const { neighbours } = storedLabel(which.kind, which.label);
    const { k } = neighbours;
    const found = await nearestNeighbours(diffusionCoordinates(graphOf(which)), k);
    let common = 0;
    for (let start = 0; start < found.indices.length; start += k) {
      const stored = new Set(neighbours.indices.subarray(start, start + k));
      common += found.indices.subarray(start, start + k).filter((other) => stored.has(other)).length;
    }
    expect(common / found.indices.length).toBeGreaterThan(0.99);
  },
);

it('most labels are in one part', () => {
  expect(inOnePart.length).toBe(tested.length - 1);
});

describe('kBetPerLabel', () => {
  it.each(kinds)('equals scib-metrics on the %s embedding, from the points on', async (kind) => {
    const { score, labels: found } = await kBetPerLabel(
      await neighbourGraph(embedding(kind), 50),
      batches,
      labels,
    );
    const expected = results[kind];
    labels.groups.forEach((name, label) => {
      expect(found[label]).toBeCloseTo(expected.kBET_per_label_table[name], 12);
    });
    expect(score).toBeCloseTo(expected.kBET_per_label, 12);
  });

  it('skips labels of few cells or one batch', async () => {
    const random = randomStream(1, 'kbet');
    const points = {
      values: Float64Array.from({ length: 200 }, () => random.normal()),
      count: 100,
      dimensions: 2,
    };
    const graph = await neighbourGraph(points, 50);
    const by = (groups: string[], codeOf: (cell: number) => number): Grouping => ({
      name: 'x',
      codes: Int32Array.from({ length: 100 }, (_, cell) => codeOf(cell)),
      groups,
    });
    const batch = by(['a', 'b'], (cell) => (cell < 50 ? cell % 2 : 0));
    const found = await kBetPerLabel(
      graph,
      batch,
      by(['big', 'one batch', 'few'], (cell) => (cell < 40 ? 0 : cell < 50 ? 2 : 1)),
    );
    expect(found.labels[0]).toBeGreaterThan(0.5);
    expect(found.labels[1]).toBeNaN();
    expect(found.labels[2]).toBeGreaterThanOrEqual(0); // ten cells are just enough
    expect(
      (
        await kBetPerLabel(
          graph,
          by(['a'], () => 0),
          by(['x'], () => 0),
        )
      ).score,
    ).toBeNaN();
  });

  it('reports progress and stops when told', async () => {
    const graph = await neighbourGraph(embedding('mixed'), 50);
    const done: number[] = [];
    await kBetPerLabel(graph, batches, labels, { onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([1, 2, 3, 4, 5]);
    const signal = AbortSignal.abort();
    await expect(kBetPerLabel(graph, batches, labels, { signal })).rejects.toThrow('stopped');
  });
});
