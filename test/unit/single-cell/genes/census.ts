/** @file A model's vocabulary of given genes, with the special tokens last. */

import { specialTokens, Vocabulary } from '../../../../src/single-cell/vocabulary.ts';

export function lookupOf(genes: readonly string[]): Vocabulary {
  return Vocabulary.fromTokens([...genes, ...Object.values(specialTokens)]);
}
