/** @file Conditions as published screens write them, control halves and splits. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halvedCodes, halvesOf } from '../../../../src/analysis/perturbation/controls.ts';
import { readScreen, type ScreenOptions } from '../../../../src/analysis/perturbation/screen.ts';
import { foldsOf, leaveOneOut, unseenGenes } from '../../../../src/analysis/perturbation/splits.ts';
import { DataFrame } from '../../../../src/single-cell/data-frame.ts';

function read(values: readonly (string | null)[], options: ScreenOptions = {}, column = 'condition') {
  const obs = new DataFrame(
    values.map((_, i) => `cell${i}`),
    [[column, { kind: 'string', values }]],
  );
  return readScreen(obs, options);
}
const genesOf = (value: string, options: ScreenOptions = {}) =>
  read(['ctrl', 'Z+ctrl', value], options).conditions.find(({ name }) => name === value)?.genes;

describe('readScreen', () => {
  it.each([
    ['A+ctrl', ['A']],
    ['ctrl+A', ['A']],
    ['A+B', ['A', 'B']],
    ['B+A', ['A', 'B']],
    ['A+B+C', ['A', 'B', 'C']],
    ['A|B', ['A', 'B']],
    ['A;B', ['A', 'B']],
    ['HLA-A+ctrl', ['HLA-A']],
    ['RP11-1.2', ['RP11-1.2']],
  ])('reads %s', (value, genes) => {
    expect(genesOf(value)).toEqual(genes);
  });

  it('splits at an underscore where both parts are genes and the whole is none', () => {
    expect(genesOf('A_B', { known: new Set(['A', 'B']) })).toEqual(['A', 'B']);
    expect(genesOf('Y_RNA', { known: new Set(['Y_RNA', 'Y', 'RNA']) })).toEqual(['Y_RNA']);
    expect(genesOf('A_NegCtrl0', { known: new Set(['A']) })).toEqual(['A']);
  });

  it.each(['control', 'ctrl', 'non-targeting', 'NT', 'NegCtrl3', 'unperturbed', 'DMSO'])(
    'knows %s as control',
    (value) => {
      const screen = read([value, 'A']);
      expect([...screen.codes]).toEqual([0, 1]);
      expect(screen.conditions[0].genes).toEqual([]);
    },
  );

  it('joins two spellings of a combination, and leaves out cells of which nothing is known', () => {
    const screen = read(['ctrl', 'A+B', 'B+A', 'unassigned', null, 'nan']);
    expect([...screen.codes]).toEqual([0, 1, 1, -1, -1, -1]);
  });

  it('takes a given control, a given mapping and a known column', () => {
    expect([...read(['mine', 'A'], { control: 'mine' }).codes]).toEqual([0, 1]);
    const guides = new Map([
      ['g1', ['A']],
      ['g2', ['A']],
      ['g3', []],
    ]);
    expect([...read(['g1', 'g2', 'g3'], { column: 'condition', genes: guides }).codes]).toEqual([1, 1, 0]);
    expect(read(['NT', 'A'], {}, 'guide_identity').column).toBe('guide_identity');
  });

  it('says what is wrong', () => {
    expect(() => read(['A', 'B'], { column: 'condition' })).toThrow(/no cell is a control/);
    expect(() => read(['ctrl', 'ctrl'])).toThrow(/at least one perturbation/);
    expect(() => read(['ctrl', 'A'], { column: 'condition', control: 'wt' })).toThrow(/no cell is 'wt'/);
    expect(() => read(['ctrl', 'A'], { control: 'wt' })).toThrow(/no cell is 'wt'.*values are A, ctrl/);
    expect(() => read(['ctrl', 'A'], { column: 'pert' })).toThrow(/no column 'pert'/);
    expect(() => read(['ctrl', 'A'], {}, 'mine')).toThrow(/--condition-key/);
  });
});

describe('values that are named', () => {
  const guides = new Map([
    ['g1', ['A']],
    ['g2', []],
  ] as const);
  it('must be there, even where other cells are controls', () => {
    const options = { column: 'condition', control: 'wt', genes: guides };
    expect(() => read(['g1', 'g2'], options)).toThrow(/no cell is 'wt'\. .*values are g1, g2/);
    expect(() => read(['ctrl', 'A'], { unassigned: ['nobody'] })).toThrow(/no cell is 'nobody'/);
  });
  it('are suggested where they were misspelt', () => {
    expect(() => read(['mine', 'A'], { column: 'condition', control: 'mien' })).toThrow(
      /Did you mean 'mine'\?$/,
    );
    expect(() => read(['ctrl', 'A', 'dropped'], { unassigned: ['droped'] })).toThrow(
      /Did you mean 'dropped'/,
    );
  });
});

describe('halves', () => {
  it('share no cell, lose none and repeat for a seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.option(fc.integer(), { nil: undefined }),
        (count, seed) => {
          const cells = Int32Array.from({ length: count }, (_, i) => 3 * i);
          const { first, second } = halvesOf(cells, seed);
          expect([...first, ...second].sort((a, b) => a - b)).toEqual([...cells]);
          expect(Math.abs(first.length - second.length)).toBeLessThan(2);
          expect(halvesOf(cells, seed)).toEqual({ first, second });
        },
      ),
    );
  });
  it('are codes of their own', () => {
    expect([...halvedCodes(Int32Array.of(0, 1, 0, -1, 1), 2)]).toEqual([0, 2, 1, -1, 3]);
  });
});

describe('splits', () => {
  const screen = read(['ctrl', 'A', 'B', 'C', 'D', 'A+B', 'C+D', 'A+C', 'B+D', 'A+B+C']);
  const perturbed = Int32Array.from(screen.conditions.keys()).slice(1);
  it('hold every condition out once', () => {
    for (const splits of [leaveOneOut(perturbed), foldsOf(perturbed, 3), foldsOf(perturbed, 4, 7)]) {
      expect(splits.flatMap(({ heldOut }) => [...heldOut]).sort((a, b) => a - b)).toEqual([...perturbed]);
      for (const { training, heldOut } of splits)
        expect([...training, ...heldOut].sort((a, b) => a - b)).toEqual([...perturbed]);
    }
  });
  it('tell how much of a combination was seen', () => {
    for (let seed = 0; seed < 5; seed++) {
      const { training, heldOut, seen } = unseenGenes(perturbed, screen.conditions, seed);
      const known = new Set([...training].flatMap((code) => screen.conditions[code].genes));
      for (const code of heldOut) {
        const { genes } = screen.conditions[code];
        const unknown = genes.filter((gene) => !known.has(gene)).length;
        expect(seen.get(code)).toBe(
          genes.length === 1 ? 'unseen-single' : unknown > 2 ? 'unseen-more' : `unseen-${unknown}`,
        );
      }
    }
  });
});
