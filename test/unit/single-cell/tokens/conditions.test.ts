/** @file Values of columns become rows of a table, and what has none, or an unknown one, row 0. */

import { describe, expect, it } from 'vitest';
import { rowsOfValues, valuesOfTokens } from '../../../../src/single-cell/tokens/conditions.ts';

describe('rowsOfValues', () => {
  it('numbers known values from 1 and tells which are not known', () => {
    expect(rowsOfValues(['b', null, 'a', 'z', 'b', 'é', 'z'], ['a', 'b'])).toEqual({
      rows: Int32Array.of(2, 0, 1, 0, 2, 0, 0),
      unknown: ['z', 'é'],
    });
    expect(rowsOfValues([], ['a'])).toEqual({ rows: new Int32Array(0), unknown: [] });
  });
});

describe('valuesOfTokens', () => {
  it('gives tokens the values of their genes, and none where columns of one token disagree', () => {
    const tokens = Int32Array.of(3, -1, 0, 3, 4, 4, 1);
    const values = ['rna', 'lost', null, 'rna', 'rna', 'protein', 'protein'];
    expect(valuesOfTokens(values, tokens, 6)).toEqual({
      values: [null, 'protein', null, 'rna', null, null],
      disagreeing: [4],
    });
  });
});
