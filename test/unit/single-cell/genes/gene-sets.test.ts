/** @file Gene sets: what GMT files hold, and what is said of lines that are none. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGeneSets } from '../../../../src/single-cell/genes/gene-sets.ts';
import { InputError } from '../../../../src/support/errors.ts';

describe('parseGeneSets', () => {
  it('reads names, descriptions and genes, each gene once, whatever the ends of lines', () => {
    const text = '# sets\nA\thttp://a\tCD3D\tCD3E\tCD3D\t\r\n\nB\t\tHLA-A,1.0\tTGF-1\n';
    expect(parseGeneSets(text, 'sets.gmt')).toEqual([
      { name: 'A', description: 'http://a', genes: ['CD3D', 'CD3E'] },
      { name: 'B', description: '', genes: ['HLA-A', 'TGF-1'] },
    ]);
  });

  it.each([
    ['A\tno genes\n', /line 1: .*'A' has no genes/],
    ['A\t\tX\nA\t\tY\n', /line 2: .*'A' comes twice/],
    ['\tno name\tX\n', /line 1: .*no name/],
    ['gene,score\n', /has no genes.*GMT/],
    ['\n', /no gene sets/],
  ])('refuses %j', (text, message) => {
    expect(() => parseGeneSets(text, 'sets.gmt')).toThrow(InputError);
    expect(() => parseGeneSets(text, 'sets.gmt')).toThrow(message);
    expect(() => parseGeneSets(text, 'sets.gmt')).toThrow(/sets\.gmt/);
  });

  it('gives back what was written', () => {
    const word = fc.stringMatching(/^[A-Z][A-Z0-9-]{0,8}$/);
    const set = fc.record({
      name: word,
      description: word,
      genes: fc.uniqueArray(word, { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(set, { minLength: 1, selector: ({ name }) => name }), (sets) => {
        const text = sets.map(({ name, description, genes }) => [name, description, ...genes].join('\t'));
        expect(parseGeneSets(text.join('\n'), 'sets.gmt')).toEqual(sets);
      }),
    );
  });
});
