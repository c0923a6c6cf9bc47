/** @file What is said of programs follows from the numbers; what programs of groups share with those of all cells. */

import { describe, expect, it } from 'vitest';
import type { OverRepresented } from '../../../../src/analysis/gene-networks/over-representation.ts';
import { centralGenes } from '../../../../src/analysis/gene-networks/programs.ts';
import { mostShared } from '../../../../src/tasks/grn/group-programs.ts';
import { activityOfGroups, strongestGroup } from '../../../../src/tasks/grn/program-activity.ts';
import { universeSentence, verdictSentence } from '../../../../src/tasks/grn/program-words.ts';
import { bestSets, enrichedSets, type FoundPrograms } from '../../../../src/tasks/grn/programs.ts';

/** Two programs in which so many sets are found. */
function programs(name: string, sets: number | null): FoundPrograms {
  const found = (set: number): OverRepresented => ({
    group: set % 2,
    set: `SET_${set}`,
    setSize: 9,
    genes: ['A'],
    p: 0.001 * (set + 1),
    bonferroni: 1,
    falseDiscoveryRate: set < (sets ?? 0) ? 0.01 : 0.9,
    foldEnrichment: 3,
  });
  return {
    name,
    about: '',
    resolution: 1,
    found: {
      codes: Int32Array.of(0, 0, 1, 1),
      programs: [Int32Array.of(0, 1), Int32Array.of(2, 3)],
      communities: 2,
      modularity: 0.4,
    },
    ranked: [],
    cohesion: [],
    enrichment:
      sets === null
        ? null
        : {
            universe: 400,
            universeInSets: 250,
            setsTested: 20,
            tests: 40,
            results: Array.from({ length: 20 }, (_, set) => found(set)),
          },
  };
}

describe('the verdict', () => {
  const verdict = (ours: number | null, pearson: number | null, loadings: number | null) =>
    verdictSentence({
      ours: programs('scGPT', ours),
      baselines: [programs('co-expression', pearson), programs('PCA loadings', loadings)],
    });

  it('praises the model only where it finds more than either plain method', () => {
    expect(verdict(9, 5, 8)).toContain('More than either plain method');
    expect(verdict(9, 5, 8)).toContain(
      '9 gene sets, beside 5 by co-expression (2) and 8 by PCA loadings (2)',
    );
    expect(verdict(8, 5, 8)).toContain('As many as by PCA loadings');
    expect(verdict(4, 5, 3)).toContain('Fewer than by co-expression: use that');
  });

  it('says that nothing was tested, and what was', () => {
    expect(verdict(null, null, null)).toContain('No gene sets were given');
    expect(universeSentence(programs('scGPT', null))).toBeNull();
    expect(universeSentence(programs('scGPT', 3))).toBe(
      'Tested were 20 gene sets of 5 to 500 genes in a universe of 400 genes, 250 of them in a set: 40 tests.',
    );
  });

  it('takes sets in the order of programs, the surest first', () => {
    const found = programs('scGPT', 4);
    expect(enrichedSets(found).map(({ set }) => set)).toEqual(['SET_0', 'SET_2', 'SET_1', 'SET_3']);
    expect(bestSets(found).map((best) => best?.set)).toEqual(['SET_0', 'SET_1']);
    expect(bestSets(programs('scGPT', 1)).map((best) => best?.set)).toEqual(['SET_0', undefined]);
  });
});

describe('programs', () => {
  it('have their central genes first', () => {
    const values = Float32Array.of(1, 0.9, 0.1, 0.9, 1, 0.5, 0.1, 0.5, 1);
    const ranked = centralGenes({ count: 3, values }, Int32Array.of(0, 1, 2));
    expect(ranked.map(({ gene }) => gene)).toEqual([1, 0, 2]);
    expect(ranked[0].similarity).toBeCloseTo(0.7);
  });

  it('of groups are like those that share the largest part', () => {
    const whole = [
      ['A', 'B', 'C'],
      ['D', 'E', 'F', 'G'],
    ];
    expect(mostShared(['E', 'F', 'X'], whole)).toEqual({ program: 1, share: 2 / 5 });
    expect(mostShared(['X'], whole)).toEqual({ program: -1, share: 0 });
  });

  it('are as active in groups as their cells are on average, cells without a group left out', () => {
    const scores = Float32Array.of(1, -1, 3, -2, 5, 4, 100, 100); // [4 cells, 2 programs]
    const grouping = { name: 'type', groups: ['a', 'b'], codes: Int32Array.of(0, 0, 1, -1) };
    const activity = activityOfGroups(scores, 2, grouping);
    expect([...activity.means]).toEqual([2, -1.5, 5, 4]);
    expect([...activity.active]).toEqual([1, 0, 1, 1]);
    expect([0, 1].map((program) => strongestGroup(activity, program))).toEqual([1, 1]);
  });
});
