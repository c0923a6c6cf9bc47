/** @file Similarity, graphs, programs, edges and program scores against scanpy, leidenalg and scikit-learn. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mostSimilar,
  similarityEdges,
  similarityGraph,
} from '../../../../src/analysis/gene-networks/graph.ts';
import { controlGenes, programScores } from '../../../../src/analysis/gene-networks/program-scores.ts';
import { genePrograms } from '../../../../src/analysis/gene-networks/programs.ts';
import {
  correlationSimilarity,
  cosineSimilarity,
  meanRanks,
  meanSimilarity,
  rankCorrelationSimilarity,
} from '../../../../src/analysis/gene-networks/similarity.ts';
import { leiden, modularity } from '../../../../src/analysis/leiden.ts';
import { ari } from '../../../../src/analysis/metrics/clustering.ts';
import { umapConnectivities } from '../../../../src/analysis/neighbour-graph.ts';
import { nearestNeighbours } from '../../../../src/analysis/neighbours.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { storedGraph } from '../stored.ts';
import { networks } from './fixture.ts';

const embeddings = { values: networks.f64('embedding'), count: 240, dimensions: 24 };
const similarity = cosineSimilarity(embeddings);

describe('cosine similarity', () => {
  it('is that of scikit-learn', () => {
    const stored = networks.f64('cosine_row_17');
    stored.forEach((value, gene) => {
      expect(similarity.values[17 * 240 + gene]).toBeCloseTo(value, 6);
    });
    expect([17, ...mostSimilar(similarity, 17, 19)]).toEqual([...networks.i32('most_similar_to_17')]);
  });

  it.each(['0.3', '0.5'])(
    'has as many edges of at least %s as the reference, without self loops',
    (threshold) => {
      const edges = similarityEdges(similarity, Number(threshold));
      expect(edges.length).toBe(networks.about.network[threshold].edges_without_self_loops);
      expect(edges.every(({ from, to }) => from < to)).toBe(true);
      expect(edges.every(({ weight }, i) => i === 0 || edges[i - 1].weight >= weight)).toBe(true);
    },
  );

  it('refuses a gene without a direction', () => {
    const values = Float64Array.of(1, 2, 0, 0);
    expect(() => cosineSimilarity({ values, count: 2, dimensions: 2 })).toThrow('all values are zero');
  });
});

describe.each(['euclidean', 'cosine'] as const)('programs of the reference, %s', (metric) => {
  const stored = storedGraph(networks, `${metric}/connectivities`);

  it('stand on the same graph', async () => {
    const graph = umapConnectivities(await nearestNeighbours(embeddings, 14, metric));
    expect([...graph.indices]).toEqual([...stored.indices]);
    graph.weights.forEach((weight, edge) => {
      expect(Math.abs(weight - stored.weights[edge])).toBeLessThan(1e-5 + 1e-4 * weight);
    });
  });

  it.each([1, 5, 40])('reach its quality at resolution %d', (resolution) => {
    const about = networks.about.programs[`${metric}/leiden_${resolution}`];
    const codes = networks.i32(`${metric}/leiden_${resolution}`);
    expect(modularity(stored, codes, resolution)).toBeCloseTo(about.undirected_modularity, 5);
    const found = leiden(stored, { resolution });
    const least = about.undirected_modularity - 0.01 * Math.abs(about.undirected_modularity);
    expect(found.modularity).toBeGreaterThan(least);
    if (resolution < 40) {
      const { programs } = genePrograms(stored, { resolution });
      expect(programs.length).toBe(about.programs_of_at_least_5_genes);
    }
  });

  it('are the groups that were put in', () => {
    const { codes, programs } = genePrograms(stored);
    expect(ari(codes, networks.i32('true_groups'))).toBe(1);
    expect(programs.every((genes) => genes.every((gene, i) => i === 0 || genes[i - 1] < gene))).toBe(true);
  });
});

describe('the graph of similar genes', () => {
  it('finds the groups too, at the same numbers again', () => {
    const first = genePrograms(similarityGraph(similarity));
    const again = genePrograms(similarityGraph(similarity));
    expect(ari(first.codes, networks.i32('true_groups'))).toBe(1);
    expect(again.codes).toEqual(first.codes);
  });

  it('leaves small communities out', () => {
    const { codes, programs } = genePrograms(similarityGraph(similarity), { fewestGenes: 241 });
    expect(programs).toEqual([]);
    expect(codes.every((code) => code === -1)).toBe(true);
  });

  it('joins every gene with its nearest, both ways, none with itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 9, noNaN: true }), { minLength: 12, maxLength: 60 }),
        (raw) => {
          const count = Math.floor(raw.length / 3);
          const points = { values: Float64Array.from(raw.slice(0, count * 3)), count, dimensions: 3 };
          const graph = similarityGraph(cosineSimilarity(points), 2);
          const edges = new Set<string>();
          for (let i = 0; i < count; i++) {
            const ends = graph.indices.subarray(graph.indptr[i], graph.indptr[i + 1]);
            expect(ends.length).toBeGreaterThanOrEqual(2);
            for (const j of ends) edges.add(`${i},${j}`);
          }
          for (const edge of edges) {
            const [i, j] = edge.split(',');
            expect(i).not.toBe(j);
            expect(edges.has(`${j},${i}`)).toBe(true);
          }
        },
      ),
    );
  });

  it('refuses more neighbours than there are genes', () => {
    expect(() => similarityGraph(similarity, 240)).toThrow('below the number of genes');
  });
});

describe('co-expression', () => {
  const profiles = {
    values: Float64Array.of(1, 2, 3, 5, 2, 4, 6, 10, 9, 4, 1, 0, 0, 0, 7, 7),
    count: 4,
    dimensions: 4,
  };

  it('is Pearson of values and Spearman of ranks', () => {
    const pearson = correlationSimilarity(profiles);
    expect(pearson.values[1]).toBeCloseTo(1, 6);
    expect(pearson.values[2]).toBeCloseTo(-0.89345, 4);
    const spearman = rankCorrelationSimilarity(profiles);
    expect(spearman.values[2]).toBeCloseTo(-1, 6);
    expect(spearman.values[3]).toBeCloseTo(0.8944, 4);
  });

  it('gives tied values their mean rank', () => {
    expect([...meanRanks(Float64Array.of(0, 3, 0, 3, 1))]).toEqual([0.5, 3.5, 0.5, 3.5, 2]);
  });

  it('names a gene that does not vary', () => {
    const constant = { values: Float64Array.of(1, 2, 5, 5), count: 2, dimensions: 2 };
    expect(() => correlationSimilarity(constant, ['CD3D', 'MALAT1'])).toThrow('MALAT1');
  });

  it('is averaged on one scale', () => {
    const pearson = correlationSimilarity(profiles);
    const wide = { ...pearson, values: pearson.values.map((value) => 100 * value + 7) };
    const mean = meanSimilarity([pearson, wide]);
    const alone = meanSimilarity([pearson]);
    mean.values.forEach((value, i) => {
      if (i % 5 !== 0) expect(value).toBeCloseTo(alone.values[i], 4); // off the diagonal
    });
  });
});

describe('program scores', () => {
  const expression = new CsrMatrix([260, 400], {
    indptr: Float64Array.from(networks.i32('score/X.indptr')),
    indices: networks.i32('score/X.indices'),
    values: networks.f32('score/X.data'),
  });
  const genes = networks.i32('score/genes');

  it('are the mean of the genes less that of the controls, as in scanpy', async () => {
    const controls = networks.i32('score/control_genes');
    const scores = await programScores(expression, [{ genes, controls }]);
    networks.f64('score/score').forEach((score, cell) => {
      expect(scores[cell]).toBeCloseTo(score, 5);
    });
  });

  it('compare with genes of like expression, drawn the same again, none of them its own', () => {
    const means = new Float64Array(400);
    const values = networks.f32('score/X.data');
    networks.i32('score/X.indices').forEach((gene, i) => {
      means[gene] += values[i] / 260;
    });
    const controls = controlGenes(means, genes);
    expect(controlGenes(means, genes)).toEqual(controls);
    expect(controlGenes(means, genes, { seed: 1, ofBin: 5 })).not.toEqual(
      controlGenes(means, genes, { ofBin: 5 }),
    );
    expect([...controls].some((gene) => genes.includes(gene))).toBe(false);
    expect(new Set(controls).size).toBe(controls.length);
  });

  it('need genes to compare with', async () => {
    const controls = new Int32Array(0);
    await expect(programScores(expression, [{ genes, controls }])).rejects.toThrow('0 to compare with');
  });
});
