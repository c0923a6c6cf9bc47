/** @file Which predictions are to be doubted, and what is known of the genes that are asked about. */

import { describe, expect, it } from 'vitest';
import { Vocabulary } from '../../../../src/single-cell/vocabulary.ts';
import type { KnownChange, PerturbationModel } from '../../../../src/tasks/perturb/perturbation-model.ts';
import { knownPerturbations } from '../../../../src/tasks/perturb/terms.ts';
import { doubtsInWords, validity } from '../../../../src/tasks/perturb/validity.ts';

const tokens = ['A', 'B', 'NEAR', 'FAR'];
const vocabulary = Vocabulary.fromTokens(['<pad>', ...tokens]);
const sorted = {
  genes: new Map(tokens.map((name) => [name, vocabulary.id(name) as number])),
  treatments: [],
};
const known = [['A'], ['B'], ['A', 'B']].map(
  (names): KnownChange => ({
    names,
    context: 'all cells',
    cells: 50,
    change: new Float64Array(1),
    samplingVariance: new Float64Array(1),
    differentGenes: 20,
  }),
);
const terms = (features: PerturbationModel['terms']['features']): PerturbationModel['terms'] => ({
  genes: [],
  tokens: new Int32Array(0),
  vocabulary,
  treatments: ['drug'],
  features,
  embeddingWidth: 2,
});
/** A and B are at 60 degrees, NEAR lies between them, FAR on the other side. */
const features = { width: 2, values: Float32Array.of(0, 0, 1, 0, 0.5, 0.866, 0.866, 0.5, -1, 0.2) };

describe('validity', () => {
  const judge = validity({ known, terms: terms(features) }, sorted);
  it.each([
    [['A', 'B'], 'this perturbation'],
    [['A', 'NEAR'], 'part of it'],
    [['NEAR'], 'nothing of it'],
  ])('of %j: %s was seen, and nothing speaks against it', (names, seen) => {
    expect(judge(names)).toEqual({ seen, doubt: null });
  });

  it('doubts what is less like training genes than those are like each other', () => {
    expect(judge(['A', 'FAR'])).toEqual({ seen: 'part of it', doubt: 'outside the training range: FAR' });
  });

  it('doubts every unseen gene where nothing tells genes apart', () => {
    const blind = validity({ known: known.slice(0, 2), terms: terms(null) }, sorted);
    expect(blind(['NEAR']).doubt).toMatch(/nothing that tells unseen genes apart/);
    expect(blind(['A', 'B'])).toEqual({ seen: 'its parts', doubt: null });
  });
});

describe('doubtsInWords', () => {
  it('is one sentence for each kind of doubt, however many perturbations it is about', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      name: `G${i}`,
      doubt: `outside the training range: G${i}`,
    }));
    const all = [...many, { name: 'X', doubt: 'not set apart from Y' }, { name: 'A', doubt: null }];
    const sentences = doubtsInWords(all);
    expect(sentences).toHaveLength(2);
    expect(sentences[0]).toMatch(/^30 perturbations outside .* G7 and 22 more$/);
    expect(sentences[1]).toContain('X');
    expect(doubtsInWords([{ name: 'A', doubt: null }])).toEqual([]);
  });
});

describe('knownPerturbations', () => {
  it('are of genes with a token, and treatments of the screen', () => {
    const asked = [['A'], ['drug'], ['B', 'drug'], ['A', 'WHAT'], ['NEAR', 'B']];
    const found = knownPerturbations(asked, sorted, { treatments: ['drug'] });
    expect(found.known).toEqual([['A'], ['drug'], ['B', 'drug'], ['NEAR', 'B']]);
    expect(found.unknown).toEqual(['A+WHAT']);
  });
});
