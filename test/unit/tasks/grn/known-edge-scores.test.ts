/** @file Ranks beside known edges: worked cases, what co-expression knows of signs, and what is refused. */

import { describe, expect, it } from 'vitest';
import type { KnownEdge } from '../../../../src/analysis/gene-networks/edge-scores.ts';
import { requireKnownEdges, scoreKnownEdges } from '../../../../src/tasks/grn/known-edge-scores.ts';
import { knownSentences } from '../../../../src/tasks/grn/target-words.ts';
import type { RegulatorTarget } from '../../../../src/tasks/grn/targets.ts';

const genes = ['TF1', 'TF2', ...Array.from({ length: 40 }, (_, i) => `G${i}`)];
const regulators = ['TF1', 'TF2'];
const conditions = [{ name: 'all cells' }];

/** Every gene as a target of every regulator. */
function targetsOf(
  attention: (regulator: string, target: string) => number,
  coExpression: (regulator: string, target: string) => number,
): RegulatorTarget[] {
  return regulators.flatMap((regulator) =>
    genes
      .filter((target) => target !== regulator)
      .map((target) => ({
        regulator,
        target,
        attention: [attention(regulator, target)],
        p: [0.5],
        falseDiscoveryRate: [1],
        difference: null,
        pDifference: null,
        differenceRate: null,
        coExpression: [coExpression(regulator, target)],
      })),
  );
}

/** TF1 has the first ten genes, activated; TF2 the next ten, repressed. */
const known: KnownEdge[] = Array.from({ length: 20 }, (_, i) => ({
  regulator: i < 10 ? 'TF1' : 'TF2',
  target: `G${i}`,
  sign: i < 10 ? 1 : -1,
}));
const isKnown = (regulator: string, target: string) =>
  known.some((edge) => edge.regulator === regulator && edge.target === target);

describe('known edges', () => {
  it('are found by what ranks them first, and not by what ranks nothing', () => {
    const targets = targetsOf(
      (r, t) => (isKnown(r, t) ? 0.9 : 0.1),
      () => Number.NaN,
    );
    const scores = scoreKnownEdges(known, { genes, regulators, targets, conditions, seed: 0 });
    expect(scores).toMatchObject({ edges: 20, candidates: 40, against: 'known', regulators });
    const [attention, coExpression, random] = scores.methods;
    expect(attention).toMatchObject({ name: 'attention', ours: true, auroc: 1, aupr: 1, p: 1 / 200 });
    expect(coExpression).toMatchObject({ name: 'co-expression', ours: false, auroc: 0.5 });
    expect(coExpression.p).toBeGreaterThan(0.3);
    expect(random.p).toBeNull();
    expect(Math.abs(random.auroc - 0.5)).toBeLessThan(0.03);
    expect(knownSentences(scores)[0]).toContain('better than chance and than co-expression');
  });

  it('say so where co-expression is as good, and where nothing is better than chance', () => {
    const found = (r: string, t: string) => (isKnown(r, t) ? 0.9 : 0.1);
    const both = targetsOf(found, found);
    const scored = (targets: RegulatorTarget[]) =>
      knownSentences(scoreKnownEdges(known, { genes, regulators, targets, conditions, seed: 0 }))[0];
    expect(scored(both)).toContain('co-expression is as good or better');
    expect(scored(targetsOf(() => 0.5, found))).toContain('no better than chance');
  });

  it('have signs that co-expression agrees with or not; attention has none', () => {
    const targets = targetsOf(
      () => 0.5,
      () => 0.4,
    );
    const scores = scoreKnownEdges(known, { genes, regulators, targets, conditions, seed: 0 });
    expect(scores.signs).toEqual([{ condition: 'all cells', known: 20, agree: 10 }]);
    expect(knownSentences(scores)[1]).toContain('10 of 20 in all cells');
    const unsigned = known.map(({ regulator, target }) => ({ regulator, target }));
    expect(scoreKnownEdges(unsigned, { genes, regulators, targets, conditions, seed: 0 }).signs).toEqual([]);
  });

  it('of one regulator are told from all other genes', () => {
    const one = known.filter(({ regulator }) => regulator === 'TF1');
    const targets = targetsOf(
      (r, t) => (isKnown(r, t) ? 0.9 : 0.1),
      () => 0,
    );
    const scores = scoreKnownEdges(one, { genes, regulators: ['TF1'], targets, conditions, seed: 0 });
    expect(scores).toMatchObject({ edges: 10, candidates: genes.length - 1, against: 'all' });
    expect(scores.methods[0].auroc).toBe(1);
  });

  it.each<[KnownEdge, RegExp]>([
    [{ regulator: 'OTHER', target: 'G1' }, /Choose regulators that the table has/],
    [{ regulator: 'TF1', target: 'ELSEWHERE' }, /Targets of TF1 are known.*--genes/],
    [{ regulator: 'TF1', target: 'TF1' }, /none of 1 known edges goes from TF1/],
  ])('are refused where none is here: %o', (edge, words) => {
    expect(() => requireKnownEdges([edge], regulators, genes)).toThrow(/none of 1 known edges/);
    try {
      requireKnownEdges([edge], regulators, genes);
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).toMatch(words);
    }
  });
});
