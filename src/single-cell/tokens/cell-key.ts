/** @file The identity of a cell that random draws are keyed by: what it expresses, nothing else. */

import { KeyHash } from '../../support/random.ts';

/**
 * A content hash of a cell: 32 hexadecimal digits over its (token id, value) pairs in the order of token ids.
 * Zeros do not count, stored or not. Names, position in the file, batch and the order of genes play no part, so
 * two cells with equal content draw equally.
 *
 * @param tokenIds distinct ids of the vocabulary, in any order
 */
export function cellKey(tokenIds: ArrayLike<number>, values: ArrayLike<number>): string {
  const hash = new KeyHash();
  if (isAscending(tokenIds)) {
    for (let i = 0; i < tokenIds.length; i++) addPair(hash, tokenIds[i], values[i]);
  } else {
    const order = Int32Array.from({ length: tokenIds.length }, (_, i) => i);
    order.sort((a, b) => tokenIds[a] - tokenIds[b]);
    for (const i of order) addPair(hash, tokenIds[i], values[i]);
  }
  return hash.hexadecimal();
}

function addPair(hash: KeyHash, tokenId: number, value: number): void {
  if (value !== 0) hash.word(tokenId).number(value);
}

function isAscending(ids: ArrayLike<number>): boolean {
  for (let i = 1; i < ids.length; i++) if (ids[i] <= ids[i - 1]) return false;
  return true;
}
