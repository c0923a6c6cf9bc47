/** @file Over-representation against scipy and statsmodels; scores of edges on worked cases. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { edgeScores } from '../../../../src/analysis/gene-networks/edge-scores.ts';
import {
  hypergeometricTail,
  logFactorials,
  overRepresentation,
} from '../../../../src/analysis/gene-networks/over-representation.ts';
import { parseGeneSets } from '../../../../src/single-cell/genes/gene-sets.ts';
import { networks } from './fixture.ts';

const gmt = readFileSync(new URL('../../../fixtures/data/grn/sets.gmt', import.meta.url), 'utf8');
const sets = parseGeneSets(gmt, 'sets.gmt');
const { query, background } = networks.about.over_representation;

describe('over-representation', () => {
  it('is the hypergeometric test with both corrections', () => {
    const { sets_tested: tested, results } = networks.about.over_representation.min_size_1;
    const found = overRepresentation([query], background, sets, {
      fewest: 1,
      most: Number.POSITIVE_INFINITY,
    });
    expect(found.setsTested).toBe(tested);
    expect(found.universe).toBe(background.length);
    results.forEach((stored, i) => {
      const result = found.results[i];
      expect(result.set).toBe(stored.set);
      expect(result.setSize).toBe(stored.set_size_in_background);
      expect([...result.genes].sort()).toEqual([...stored.genes].sort());
      for (const [got, wanted] of [
        [result.p, stored.p],
        [result.bonferroni, stored.bonferroni],
        [result.falseDiscoveryRate, stored.bh],
        [result.foldEnrichment, stored.fold_enrichment],
      ]) {
        expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-8 * wanted);
      }
    });
  });

  it('corrects over all groups', () => {
    const one = overRepresentation([query], background, sets);
    const two = overRepresentation([query, background.slice(0, 40)], background, sets);
    expect(two.tests).toBe(2 * one.tests);
    expect(two.results[0].bonferroni).toBeCloseTo(Math.min(1, 2 * one.results[0].bonferroni), 12);
  });

  it('says that no set overlaps', () => {
    expect(() => overRepresentation([['a']], ['a', 'b'], sets)).toThrow('shares 0 genes');
  });

  it('has a tail of 1 where nothing less is possible', () => {
    const urn = { universe: 10, marked: 8, drawn: 5, logFactorial: logFactorials(10) };
    expect(hypergeometricTail(3, urn)).toBe(1);
    expect(hypergeometricTail(5, urn)).toBeCloseTo(56 / 252, 12);
  });
});

describe('scores of edges', () => {
  const genes = ['A', 'B', 'C', 'D'];
  const known = [
    { regulator: 'A', target: 'C' },
    { regulator: 'B', target: 'D' },
    { regulator: 'A', target: 'missing' },
    { regulator: 'A', target: 'A' },
  ];

  it('are perfect where edges come first', () => {
    const scores = edgeScores(genes, known, (r, t) => (r + 2 === t ? 1 : 0));
    expect(scores).toEqual({
      auroc: 1,
      aupr: 1,
      auprRatio: 2,
      earlyPrecisionRatio: 2,
      edges: 2,
      candidates: 4,
    });
  });

  it('are chance where all pairs are equal', () => {
    const { auroc, auprRatio } = edgeScores(genes, known, () => 0);
    expect([auroc, auprRatio]).toEqual([0.5, 1]);
  });

  it('take targets of other regulators, or all genes, for one regulator', () => {
    const score = (r: number, t: number) => (r === 0 && t === 2 ? 1 : 0);
    const one = edgeScores(genes, known, score, { regulators: ['A'] });
    expect(one).toMatchObject({ auroc: 1, aupr: 1, edges: 1, candidates: 2 }); // C, and D of B
    const all = edgeScores(genes, known, score, { regulators: ['A'], targets: 'all' });
    expect(all).toMatchObject({ auroc: 1, edges: 1, candidates: 3 });
  });

  it('need an edge', () => {
    expect(() => edgeScores(['X'], known, () => 0)).toThrow('none of 4 known edges');
  });
});
