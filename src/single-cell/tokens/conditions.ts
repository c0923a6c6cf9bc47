/** @file Conditions of a data set: columns of obs or var as rows of a model's tables, one for each cell or each token. */

import { compareCodePoints } from '../../support/code-points.ts';

/** One condition of a data set. */
export interface ConditionRows {
  readonly name: string;
  readonly of: 'cells' | 'genes';
  /** Rows of the condition's table, 0 where it is not given: `[cells]`, or `[vocabulary]` for a condition of genes. */
  readonly rows: Int32Array;
}

/** The row of each value in a table that begins with "not given", and the values that are not in it. */
export function rowsOfValues(
  values: readonly (string | null)[],
  known: readonly string[],
): { readonly rows: Int32Array; readonly unknown: readonly string[] } {
  const rowOf = new Map(known.map((value, place) => [value, place + 1]));
  const unknown = new Set<string>();
  const rows = Int32Array.from(values, (value) => {
    const row = value === null ? 0 : rowOf.get(value);
    if (row === undefined) unknown.add(value as string);
    return row ?? 0;
  });
  return { rows, unknown: [...unknown].sort(compareCodePoints) };
}

/**
 * A column of var as values of tokens. Columns of one token that disagree leave it without a value.
 *
 * @param tokenIds the token of each row of var, -1 for none
 * @param size tokens in the vocabulary
 */
export function valuesOfTokens(
  values: readonly (string | null)[], // [genes]
  tokenIds: Int32Array, // [genes]
  size: number,
): { readonly values: (string | null)[]; readonly disagreeing: readonly number[] } {
  const found = new Array<string | null>(size).fill(null);
  const disagreeing = new Set<number>();
  tokenIds.forEach((token, gene) => {
    const value = values[gene];
    if (token < 0 || value === null) return;
    if (found[token] !== null && found[token] !== value) disagreeing.add(token);
    found[token] = value;
  });
  for (const token of disagreeing) found[token] = null;
  return { values: found, disagreeing: [...disagreeing].sort((a, b) => a - b) };
}
