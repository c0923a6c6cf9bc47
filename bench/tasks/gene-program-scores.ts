/** @file Scores of a similarity of genes, by `benchmarks/gene-programs.md`. */

import { edgeScores } from '../../src/analysis/gene-networks/edge-scores.ts';
import { mostSimilar, similarityGraph } from '../../src/analysis/gene-networks/graph.ts';
import { overRepresentation } from '../../src/analysis/gene-networks/over-representation.ts';
import { genePrograms } from '../../src/analysis/gene-networks/programs.ts';
import type { Similarity } from '../../src/analysis/gene-networks/similarity.ts';
import type { GeneKnowledge } from './gene-program-sets.ts';

export const resolutions = [1, 5, 10, 20, 40] as const;
const significant = 0.05;
const classOne = new Set(['HLA-A', 'HLA-B', 'HLA-C', 'HLA-E', 'HLA-F', 'HLA-G']);

/** Scores by the benchmark's names; those of genes that are not there are left out. */
export function scoreGeneSimilarity(
  similarity: Similarity,
  genes: readonly string[],
  { pathways, trrust, dorothea }: GeneKnowledge,
): Record<string, number> {
  const scores = { ...hlaScores(similarity, genes), ...partnerRanks(similarity, genes) };
  const graph = similarityGraph(similarity, 15);
  for (const resolution of resolutions) {
    const { programs } = genePrograms(graph, { resolution, seed: 0 });
    const named = programs.map((program) => Array.from(program, (gene) => genes[gene]));
    const { results } = overRepresentation(named, genes, pathways);
    const found = (which: (result: (typeof results)[number]) => number) =>
      new Set(results.filter((result) => which(result) < significant).map(({ set }) => set)).size;
    scores[`programs_res${resolution}`] = programs.length;
    scores[`reactome_bonf_res${resolution}`] = found(({ bonferroni }) => bonferroni);
    scores[`reactome_bh_res${resolution}`] = found(({ falseDiscoveryRate }) => falseDiscoveryRate);
  }
  const most = (kind: string) => Math.max(...resolutions.map((at) => scores[`reactome_${kind}_res${at}`]));
  scores.reactome_bonf_best = most('bonf');
  scores.reactome_bh_best = most('bh');
  const { count, values } = similarity;
  for (const [name, known] of [
    ['trrust', trrust],
    ['dorothea', dorothea],
  ] as const) {
    const score = edgeScores(genes, known, (from, to) => Math.abs(values[from * count + to]));
    scores[`${name}_auroc`] = score.auroc;
    scores[`${name}_aupr_ratio`] = score.auprRatio;
    scores[`${name}_epr`] = score.earlyPrecisionRatio;
  }
  return scores;
}

/** HLA classes I and II: silhouette, nearest neighbour of the same class, pairs of one class before pairs of two. */
export function hlaScores({ count, values }: Similarity, genes: readonly string[]): Record<string, number> {
  const members = Array.from(genes.keys()).filter(
    (gene) => classOne.has(genes[gene]) || genes[gene].startsWith('HLA-D'),
  );
  const first = members.map((gene) => classOne.has(genes[gene]));
  const alike = (i: number, j: number) => values[members[i] * count + members[j]];
  const pairs = members.flatMap((_, i) =>
    Array.from({ length: i }, (_, j) => ({ alike: alike(i, j), same: first[i] === first[j] })),
  );
  const least = pairs.reduce((low, pair) => Math.min(low, pair.alike), Number.POSITIVE_INFINITY);
  const range = pairs.reduce((high, pair) => Math.max(high, pair.alike), Number.NEGATIVE_INFINITY) - least;
  const others = (i: number) => members.flatMap((_, j) => (j === i ? [] : [j]));
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const widths = members.map((_, i) => {
    const distance = (same: boolean) =>
      mean(
        others(i)
          .filter((j) => (first[i] === first[j]) === same)
          .map((j) => 1 - (alike(i, j) - least) / range),
      );
    const [within, between] = [distance(true), distance(false)];
    return (between - within) / Math.max(within, between);
  });
  const pure = members.map((_, i) => {
    const nearest = others(i).reduce((best, j) => (alike(i, j) > alike(i, best) ? j : best));
    return first[nearest] === first[i] ? 1 : 0;
  });
  const [same, different] = [pairs.filter((pair) => pair.same), pairs.filter((pair) => !pair.same)];
  const before = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
  return {
    hla_silhouette: mean(widths),
    hla_nn_purity: mean(pure),
    hla_pair_auroc: mean(same.map((a) => mean(different.map((b) => before(a.alike, b.alike))))),
  };
}

const partners: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  CD3_mutual_rank: [
    ['CD3D', 'CD3E'],
    ['CD3D', 'CD3G'],
    ['CD3E', 'CD3G'],
  ],
  CD79_mutual_rank: [['CD79A', 'CD79B']],
  CD8_mutual_rank: [['CD8A', 'CD8B']],
};

/** Geometric mean of the ranks that partners have in each other's list, over pairs that are there; 1 is nearest. */
export function partnerRanks(similarity: Similarity, genes: readonly string[]): Record<string, number> {
  const rank = (from: string, to: string) =>
    mostSimilar(similarity, genes.indexOf(from)).indexOf(genes.indexOf(to)) + 1;
  return Object.fromEntries(
    Object.entries(partners).flatMap(([name, pairs]) => {
      const there = pairs.filter((pair) => pair.every((gene) => genes.includes(gene)));
      if (there.length === 0) return [];
      const ranks = there.map(([a, b]) => Math.sqrt(rank(a, b) * rank(b, a)));
      return [[name, ranks.reduce((sum, value) => sum + value, 0) / ranks.length]];
    }),
  );
}
