/** @file A vocabulary to match against, made of a list of tokens with the special ones last. */

import type { TokenLookup } from '../../../../src/single-cell/genes/token-index.ts';

export function lookupOf(genes: readonly string[]): TokenLookup {
  const tokens = [...genes, '<pad>', '<cls>', '<eoc>'];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return { tokens, id: (token) => ids.get(token) };
}
