/** @file Differential expression against scanpy's rank_genes_groups. */

import { describe, expect, it } from 'vitest';
import { differentialExpression } from '../../../src/analysis/differential-expression.ts';
import { inMemory } from '../../../src/single-cell/in-memory.ts';
import { golden } from '../single-cell/golden.ts';
import { matrixOf } from './rows.ts';

const fixture = golden<{ parameters: { de_groups: string[] } }>('perturbation-metrics');
const { de_groups: groups } = fixture.about.parameters;
const group = fixture.i32('de/group');
const rows = (chosen: (name: string) => boolean) =>
  Int32Array.from(group.keys()).filter((cell) => chosen(groups[group[cell]]));

const tests = [
  ['t-test', 't-test', true],
  ['t-test_overestim_var', 't-test_overestim_var', true],
  ['wilcoxon', 'wilcoxon', false],
  ['wilcoxon_tie_corrected', 'wilcoxon', true],
] as const;
const comparisons = [
  ...groups.map((name) => ['vs_rest', name, (other: string) => other !== name] as const),
  ...groups
    .filter((name) => name !== 'ctrl')
    .map((name) => ['vs_ctrl', name, (other: string) => other === 'ctrl'] as const),
];

describe('differentialExpression', () => {
  const expression = inMemory(matrixOf(fixture.f32('de/X'), 120, 100));
  const cases = tests.flatMap(([stored, test, correctTies]) =>
    comparisons.map(([kind, name, against]) => ({ stored, test, correctTies, kind, name, against })),
  );
  it.each(cases)(
    'equals scanpy: $stored $kind $name',
    async ({ stored, test, correctTies, kind, name, against }) => {
      const found = await differentialExpression(await expression, {
        cells: rows((other) => other === name),
        against: rows(against),
        test,
        correctTies,
      });
      const of = (what: string) => fixture.f64(`de/${stored}/${kind}/${name}/${what}`);
      const [scores, folds, p, adjusted] = ['scores', 'logfoldchanges', 'pvals', 'pvals_adj'].map(of);
      for (let gene = 0; gene < 100; gene++) {
        expect(Math.abs(found.score[gene] - scores[gene])).toBeLessThan(1e-4 * (1 + Math.abs(scores[gene])));
        expect(Math.abs(found.log2FoldChange[gene] - folds[gene])).toBeLessThan(
          1e-4 * (1 + Math.abs(folds[gene])),
        );
        expect(Math.abs(found.p[gene] - p[gene])).toBeLessThan(1e-6 + 1e-3 * p[gene]);
        expect(Math.abs(found.adjustedP[gene] - adjusted[gene])).toBeLessThan(1e-6 + 1e-3 * adjusted[gene]);
      }
    },
  );

  it('refuses a side of one cell', async () => {
    const request = { cells: Int32Array.of(0), against: Int32Array.of(1, 2) };
    await expect(differentialExpression(await expression, request)).rejects.toThrow(/at least two cells/);
  });
});
