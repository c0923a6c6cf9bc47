/** @file Scores of the benchmark of gene programs, on similarities of known outcome. */

import { describe, expect, it } from 'vitest';
import { hlaScores, partnerRanks } from '../../../bench/tasks/gene-program-scores.ts';
import type { Similarity } from '../../../src/analysis/gene-networks/similarity.ts';

function similarityOf(genes: readonly string[], of: (a: string, b: string) => number): Similarity {
  const values = Float32Array.from(genes.flatMap((a) => genes.map((b) => (a === b ? 1 : of(a, b)))));
  return { count: genes.length, values };
}

describe('HLA classes', () => {
  const genes = ['ACTB', 'HLA-A', 'HLA-B', 'HLA-DRA', 'HLA-DRB1', 'HLA-C'];
  const classOf = (gene: string) => gene.startsWith('HLA-D');

  it('are apart where each is alike within', () => {
    const apart = similarityOf(genes, (a, b) => (classOf(a) === classOf(b) ? 0.8 : -0.2));
    expect(hlaScores(apart, genes)).toEqual({ hla_silhouette: 1, hla_nn_purity: 1, hla_pair_auroc: 1 });
  });

  it('are mixed where each is like the other', () => {
    const mixed = similarityOf(genes, (a, b) => (classOf(a) === classOf(b) ? -0.2 : 0.8));
    expect(hlaScores(mixed, genes)).toEqual({ hla_silhouette: -1, hla_nn_purity: 0, hla_pair_auroc: 0 });
  });
});

describe('ranks of partners', () => {
  const genes = ['ACTB', 'CD79A', 'MS4A1', 'CD79B'];

  it('are the geometric mean of both ways', () => {
    // CD79B is CD79A's second, CD79A is CD79B's first.
    const similarity = similarityOf(genes, (a, b) => {
      const pair = [a, b].sort().join(' ');
      return { 'CD79A MS4A1': 0.9, 'CD79A CD79B': 0.8 }[pair] ?? 0;
    });
    expect(partnerRanks(similarity, genes)).toEqual({ CD79_mutual_rank: Math.SQRT2 });
    const some = genes.map((gene) => gene.replace('CD79A', 'CD3D').replace('CD79B', 'CD3G'));
    expect(partnerRanks(similarity, some)).toEqual({ CD3_mutual_rank: Math.SQRT2 }); // CD3E is not there
  });
});
