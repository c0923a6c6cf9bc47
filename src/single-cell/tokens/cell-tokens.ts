/** @file One cell as the model reads it: gene tokens with their values. */

import type { CellDraws } from './draws.ts';

/** A cell's tokens in order, without padding; entry 0 is `<cls>` where there is one. */
export interface CellTokens {
  readonly genes: Int32Array; // [tokens], ids of the vocabulary
  readonly values: Float32Array; // [tokens], bins or expression values
}

/** What {@link tokensOf} puts into a cell. */
export interface TokenChoice {
  /** `<cls>` and its value, or null for none. */
  readonly cls: { readonly id: number; readonly value: number } | null;
  /** Whether genes with value 0 become tokens too. */
  readonly includeZeros: boolean;
}

/** A cell's tokens: `<cls>`, then the genes in the given order. The arrays given are not kept. */
export function tokensOf(geneIds: Int32Array, values: Float32Array, choice: TokenChoice): CellTokens {
  const { cls, includeZeros } = choice;
  const first = cls === null ? 0 : 1;
  let length = first + values.length;
  if (!includeZeros) for (let i = 0; i < values.length; i++) if (values[i] === 0) length--;

  const cell = { genes: new Int32Array(length), values: new Float32Array(length) };
  if (cls !== null) {
    cell.genes[0] = cls.id;
    cell.values[0] = cls.value;
  }
  let next = first;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0 && !includeZeros) continue;
    cell.genes[next] = geneIds[i];
    cell.values[next++] = values[i];
  }
  return cell;
}

/**
 * A cell cut down to `length` tokens: the first `kept` stay, the others are sampled without replacement.
 * A cell that is short enough is returned as it is.
 */
export function sampleTokens(cell: CellTokens, kept: number, length: number, draws: CellDraws): CellTokens {
  if (cell.genes.length <= length) return cell;
  const sampled = { genes: cell.genes.slice(0, length), values: cell.values.slice(0, length) };
  if (kept >= length) return sampled;
  const chosen = draws.choose(cell.genes.length - kept, length - kept);
  for (let i = kept; i < length; i++) {
    sampled.genes[i] = cell.genes[kept + chosen[i - kept]];
    sampled.values[i] = cell.values[kept + chosen[i - kept]];
  }
  return sampled;
}

/**
 * The condition of each token, such as its modality: it belongs to the gene, so it is looked up.
 *
 * @param conditionOfToken the condition's id for every id of the vocabulary, special tokens included
 */
export function conditionsOf(genes: Int32Array, conditionOfToken: Int32Array): Int32Array {
  return genes.map((gene) => conditionOfToken[gene]);
}
