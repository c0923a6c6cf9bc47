/** @file Leiden clusters against igraph and leidenalg, their guarantees, and graphs at the limits. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leiden, modularity } from '../../../src/analysis/leiden.ts';
import { umapConnectivities, type WeightedGraph } from '../../../src/analysis/neighbour-graph.ts';
import { golden } from '../single-cell/golden.ts';
import { storedGraph } from './stored.ts';

interface Case {
  readonly leiden: Record<
    string,
    { readonly clusters: number } & Record<string, { readonly modularity: number }>
  >;
}

const classical = golden<Case>('classical');
const cells = storedGraph(classical, 'umap/connectivities');

/** A graph from edges, each given once. */
function graphOf(count: number, edges: Iterable<readonly [number, number, number]>): WeightedGraph {
  const ends = Array.from({ length: count }, () => new Map<number, number>());
  for (const [a, b, weight] of edges) {
    if (a === b) continue;
    ends[a].set(b, weight);
    ends[b].set(a, weight);
  }
  const sorted = ends.map((row) => [...row].sort(([a], [b]) => a - b));
  const indptr = new Int32Array(count + 1);
  sorted.forEach((row, point) => {
    indptr[point + 1] = indptr[point] + row.length;
  });
  return {
    count,
    indptr,
    indices: Int32Array.from(sorted.flat(), ([other]) => other),
    weights: Float64Array.from(sorted.flat(), ([, weight]) => weight),
  };
}

/** A ring of `count` cliques: every two of a clique connected, neighbouring cliques by one edge. */
function cliques(count: number, size: number): WeightedGraph {
  const edges: [number, number, number][] = [];
  for (let clique = 0; clique < count; clique++) {
    for (let a = 0; a < size; a++) {
      for (let b = a + 1; b < size; b++) edges.push([clique * size + a, clique * size + b, 1]);
    }
    edges.push([clique * size, ((clique + 1) % count) * size + 1, 1]);
  }
  return graphOf(count * size, edges);
}

const anyGraph = fc.integer({ min: 2, max: 40 }).chain((count) => {
  const point = fc.integer({ min: 0, max: count - 1 });
  const weight = fc.double({ min: 0.01, max: 1, noNaN: true });
  return fc
    .array(fc.tuple(point, point, weight), { maxLength: 120 })
    .map((edges) => graphOf(count, edges as [number, number, number][]));
});

function isConnected({ indptr, indices }: WeightedGraph, codes: Int32Array, cluster: number): boolean {
  const members = [...codes.keys()].filter((point) => codes[point] === cluster);
  const reached = new Set([members[0]]);
  for (const point of reached) {
    for (let i = indptr[point]; i < indptr[point + 1]; i++) {
      if (codes[indices[i]] === cluster) reached.add(indices[i]);
    }
  }
  return reached.size === members.length;
}

describe('modularity', () => {
  it.each(['0.5', '1', '2'])("equals igraph's at resolution %s", (resolution) => {
    const stored = classical.about.leiden[resolution];
    const of = (codes: Int32Array) => modularity(cells, codes, Number(resolution));
    const each = Int32Array.from({ length: 300 }, (_, point) => point);
    expect(of(classical.i32(`leiden/partition_${resolution}`))).toBeCloseTo(stored.found.modularity, 6);
    expect(of(classical.i32('label'))).toBeCloseTo(stored.labels_as_partition.modularity, 6);
    expect(of(new Int32Array(300))).toBeCloseTo(stored.one_cluster.modularity, 6);
    expect(of(each)).toBeCloseTo(stored.singletons.modularity, 6);
  });
});

describe('leiden', () => {
  it.each(['0.5', '1', '2'])("reaches the library's quality at resolution %s, with any seed", (name) => {
    const { found, clusters } = classical.about.leiden[name];
    for (let seed = 0; seed < 5; seed++) {
      const result = leiden(cells, { resolution: Number(name), seed });
      expect(result.modularity).toBeGreaterThan(found.modularity - 0.01 * Math.abs(found.modularity));
      expect(Math.abs(result.clusters - clusters)).toBeLessThanOrEqual(1);
      expect(modularity(cells, result.codes, Number(name))).toBe(result.modularity);
    }
  });

  it('gives the same for the same seed, and numbers clusters by size', () => {
    const { codes, clusters } = leiden(cells, { resolution: 2, seed: 7 });
    expect(leiden(cells, { resolution: 2, seed: 7 }).codes).toEqual(codes);
    const sizes = Array.from(
      { length: clusters },
      (_, cluster) => codes.filter((code) => code === cluster).length,
    );
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(sizes.at(-1)).toBeGreaterThan(0);
  });

  it('finds cliques', () => {
    for (let seed = 0; seed < 5; seed++) {
      const { codes, clusters } = leiden(cliques(12, 6), { seed });
      expect(clusters).toBe(12);
      codes.forEach((code, point) => {
        expect(code).toBe(codes[Math.floor(point / 6) * 6]);
      });
    }
  });

  it('stops after the asked rounds, and one round is no better than many', () => {
    const one = leiden(cells, { resolution: 2, iterations: 1 });
    expect(one.modularity).toBeLessThanOrEqual(leiden(cells, { resolution: 2 }).modularity + 1e-12);
    expect(one.modularity).toBeGreaterThan(classical.about.leiden['2'].labels_as_partition.modularity);
  });

  it('gives connected clusters that no single move improves', () => {
    fc.assert(
      fc.property(anyGraph, fc.double({ min: 0.2, max: 3, noNaN: true }), (graph, resolution) => {
        const { codes, clusters, modularity: quality } = leiden(graph, { resolution });
        expect(new Set(codes).size).toBe(clusters);
        for (let cluster = 0; cluster < clusters; cluster++) {
          expect(isConnected(graph, codes, cluster)).toBe(true);
        }
        if (graph.indices.length === 0) return;
        for (let point = 0; point < graph.count; point++) {
          for (let cluster = 0; cluster <= clusters; cluster++) {
            const moved = codes.slice();
            moved[point] = cluster;
            expect(modularity(graph, moved, resolution)).toBeLessThan(quality + 1e-8);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('leaves points without edges alone', () => {
    const { codes, clusters, modularity: quality } = leiden(graphOf(3, []));
    expect([...codes]).toEqual([0, 1, 2]);
    expect(clusters).toBe(3);
    expect(quality).toBeNaN();
  });

  it('works on a graph of neighbours', () => {
    const neighbours = {
      count: 4,
      k: 1,
      indices: Int32Array.of(1, 0, 3, 2),
      distances: Float64Array.of(1, 1, 2, 2),
    };
    expect([...leiden(umapConnectivities(neighbours)).codes]).toEqual([0, 0, 1, 1]);
  });

  it.each([
    [{ resolution: 0 }, 'resolution'],
    [{ resolution: Number.NaN }, 'resolution'],
    [{ iterations: 0 }, 'iterations'],
    [{ iterations: 1.5 }, 'iterations'],
  ])('refuses %o', (options, reason) => {
    expect(() => leiden(cells, options)).toThrow(expect.objectContaining({ reason }));
  });
});
