/** @file How questions are typed: perturbations, lists of genes, contexts. */

import { describe, expect, it } from 'vitest';
import { geneList } from '../../../../src/tasks/gene-list.ts';
import { perturbationsTyped, questionsOf } from '../../../../src/tasks/perturb/questions.ts';
import { perturbSettings } from '../../../../src/tasks/perturb/settings.ts';

describe('perturbationsTyped', () => {
  it('reads single genes and combinations of any number, in any order', () => {
    expect(perturbationsTyped('STAT1, JAK2+IRF1,C+B+A+A')).toEqual([
      ['STAT1'],
      ['IRF1', 'JAK2'],
      ['A', 'B', 'C'],
    ]);
  });

  it.each(['', 'A,,B', '+'])("refuses '%s'", (text) => {
    expect(() => perturbationsTyped(text)).toThrow(/a perturbation without a gene/);
  });
});

describe('geneList', () => {
  it('takes names as they are typed, each once', async () => {
    expect(await geneList('A, B,A')).toEqual(['A', 'B']);
  });

  it('refuses an empty list and a file that is not there', async () => {
    await expect(geneList(' , ')).rejects.toThrow(/no gene/);
    await expect(geneList('./nowhere.txt')).rejects.toThrow(/cannot be read/);
  });
});

describe('questionsOf', () => {
  it('asks every perturbation of every context, or of those that are named', () => {
    expect(questionsOf([['A'], ['B']], ['T', 'NK'], undefined)).toHaveLength(4);
    expect(questionsOf([['A']], ['T', 'NK'], ['NK'])).toEqual([{ names: ['A'], context: 'NK' }]);
    expect(() => questionsOf([['A']], ['T', 'NK'], ['B'])).toThrow(/no context 'B'/);
  });
});

describe('perturbSettings', () => {
  it('has the reference as a recipe, and refuses what does not fit', () => {
    expect(perturbSettings({}, true)).toMatchObject({ pairing: 'random', averaged: 1, selection: 'profile' });
    expect(perturbSettings({ averaged: 8 })).toMatchObject({ pairing: 'matched', averaged: 8 });
    expect(() => perturbSettings({ averaged: 0 })).toThrow(/averaged/);
  });
});
