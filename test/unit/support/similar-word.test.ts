/** @file Words that were probably meant. */

import { describe, expect, it } from 'vitest';
import { didYouMean, similarWord } from '../../../src/support/similar-word.ts';

describe('similarWord', () => {
  it.each([
    ['STTA1', 'STAT1'], // swapped
    ['stat1', 'STAT1'], // another case
    ['STAT', 'STAT1'], // one left out
    ['contrrol', 'control'], // one too many
    ['contral', 'control'], // exchanged
    ['MX9', undefined],
    ['nothing alike', undefined],
  ])('of %s is %s', (word, found) => {
    expect(similarWord(word, ['IRF1', 'STAT1', 'control'])).toBe(found);
  });

  it('is the nearest, of equal ones the first', () => {
    expect(similarWord('STAT4', ['STAT3', 'STAT5', 'STAT4'])).toBe('STAT4');
    expect(similarWord('STAT4', ['STAT3', 'STAT5'])).toBe('STAT3');
  });

  it('is a question, or nothing', () => {
    expect(didYouMean('ctrl', ['ctlr'])).toBe("Did you mean 'ctlr'?");
    expect(didYouMean('ctrl', [])).toBeUndefined();
  });
});
