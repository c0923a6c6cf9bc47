/** @file Rank-normalised attention against the published recipe, and its nulls. */

import { describe, expect, it } from 'vitest';
import {
  otherRegulatorsNull,
  shuffledConditionsNull,
} from '../../../../src/analysis/gene-networks/permutation.ts';
import { AttentionRanks, RankedAttention } from '../../../../src/analysis/gene-networks/ranked-attention.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { largestDifference, networks } from './fixture.ts';

const [cells, heads, genes] = networks.shape('attention/raw');
const raw = networks.f32('attention/raw');
const ofCell = (cell: number) => raw.subarray(cell * heads * genes ** 2, (cell + 1) * heads * genes ** 2);
const { conditions, perturbed_gene_column: regulator, top10 } = networks.about.attention;
const groups = [...new Set(conditions)];

function gathered(asPublished: boolean): RankedAttention {
  const attention = new RankedAttention({ genes, heads, groups: groups.length, asPublished });
  conditions.forEach((condition, cell) => {
    attention.add(groups.indexOf(condition), ofCell(cell));
  });
  return attention;
}

describe('ranks of attention', () => {
  it('are those of the recipe with ties in the order of genes', () => {
    const ranks = new AttentionRanks(genes, heads);
    const stored = networks.f32('attention/mean_over_heads');
    for (let cell = 0; cell < cells; cell++) {
      const of = stored.subarray(cell * genes ** 2, (cell + 1) * genes ** 2);
      expect(largestDifference(ranks.of(ofCell(cell)), of)).toBeLessThan(1e-6);
    }
  });

  it('are exact head by head', () => {
    const ranks = new AttentionRanks(genes, 1);
    const stored = networks.f32('attention/row_column_ranked');
    for (let map = 0; map < cells * heads; map++) {
      const found = ranks.of(raw.subarray(map * genes ** 2, (map + 1) * genes ** 2));
      const of = stored.subarray(map * genes ** 2, (map + 1) * genes ** 2);
      expect(found.map((value) => Math.round(value * genes))).toEqual(
        of.map((value) => Math.round(value * genes)),
      );
    }
  });

  it('order negative values, zeros of both signs and ties', () => {
    const found = new AttentionRanks(3, 1).of(Float32Array.of(-2, -0, 0, 0, -1, -3, 5, 5, -5));
    // rows: 0 1 2 | 2 1 0 | 1 2 0, then columns
    expect([...found].map((value) => Math.round(3 * value))).toEqual([0, 0, 2, 2, 1, 0, 1, 2, 1]);
  });

  it('refuse maps of another size', () => {
    expect(() => new AttentionRanks(3, 2).of(new Float32Array(9))).toThrow('2 heads of 3 by 3 genes');
  });
});

describe.each([
  ['all cells', false, 'condition_mean', 'correct'],
  [
    'the published notebook, which drops the first cell',
    true,
    'condition_mean_reference_bug',
    'reference_bug',
  ],
] as const)('means of conditions by %s', (_, asPublished, tensor, ranking) => {
  const attention = gathered(asPublished);

  it.each(groups)('are the stored ones: %s', (group) => {
    const stored = networks.f32(`attention/${tensor}/${group}`);
    expect(largestDifference(attention.mean(groups.indexOf(group)), stored)).toBeLessThan(1e-6);
  });

  it('rank targets by the column of the regulator', () => {
    const [perturbed, control] = ['TF1+ctrl', 'ctrl'].map((group) => attention.mean(groups.indexOf(group)));
    const column = (mean: (i: number) => number) =>
      Float32Array.from({ length: genes }, (__, target) => mean(target * genes + regulator));
    const compared = {
      control: column((i) => control[i]),
      experiment: column((i) => perturbed[i]),
      difference: column((i) => perturbed[i] - control[i]),
    };
    for (const [name, scores] of Object.entries(compared)) {
      const stored = top10[`${ranking}/${name}`];
      stored.genes.forEach((gene, i) => {
        expect(scores[gene]).toBeCloseTo(stored.scores[i], 6);
      });
      expect(Math.min(...stored.genes.map((gene) => scores[gene]))).toBeGreaterThanOrEqual(
        [...scores].sort((a, b) => b - a)[9] - 1e-6,
      );
    }
  });
});

describe('nulls', () => {
  it('compare a regulator with all other genes in its place', () => {
    const attention = Float32Array.of(0, 0.1, 0.9, 0.5, 0.4, 0, 0.2, 0.3, 0.5, 0.5, 0, 0.5, 0.7, 0.1, 0.2, 0);
    expect([...otherRegulatorsNull(attention, 4, 2)]).toEqual([1 / 3, 1, 1, 2 / 3]);
  });

  it('find a difference that is there and none where cells are alike', () => {
    const random = randomStream(3, 'test');
    const values = new Float32Array(40 * 2);
    const inFirst = Uint8Array.from({ length: 40 }, (_, cell) => cell % 2);
    for (let cell = 0; cell < 40; cell++) {
      values[2 * cell] = inFirst[cell] + 0.1 * random.normal();
      values[2 * cell + 1] = random.normal();
    }
    const { difference, p } = shuffledConditionsNull(values, inFirst, {
      permutations: 199,
      random: randomStream(0, 'permutations'),
    });
    expect(difference[0]).toBeCloseTo(1, 0);
    expect(p[0]).toBe(1 / 200);
    expect(p[1]).toBeGreaterThan(0.05);
  });

  it('leave no difference where all cells are equal', () => {
    const { p } = shuffledConditionsNull(new Float32Array(6).fill(0.3), Uint8Array.of(1, 1, 0, 0, 0, 1), {
      permutations: 20,
      random: randomStream(0, 'permutations'),
    });
    expect(p[0]).toBe(1);
  });

  it('need a cell in each condition', () => {
    const attention = new RankedAttention({ genes, heads, groups: 1 });
    expect(() => attention.mean(0)).toThrow('no cell');
  });
});
