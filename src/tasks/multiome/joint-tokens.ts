/** @file Cells of both modalities as one matrix of bins, and the token and modality of each of its columns. */

import { ValueBinner } from '../../single-cell/binning.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { specialTokens, type Vocabulary } from '../../single-cell/vocabulary.ts';
import type { PreparedModality } from './modality.ts';

/** Names of new tokens: proteins with the prefix of the reference, so that none is taken for its gene. */
export function tokenNames({ kind, features }: PreparedModality): string[] {
  return kind === 'proteins' ? features.map((name) => `p_${name}`) : [...features];
}

/** How modalities are numbered: their names in order, then special tokens, as in the reference. */
export const modalityRows = 5;

/** The modality of each token. */
export function modalityOfTokens(
  vocabulary: Vocabulary,
  otherTokens: ReadonlySet<string>,
  otherName: string,
): Int32Array {
  const names = [otherName, 'rna'].sort();
  const specials: string[] = Object.values(specialTokens); // pad, cls, eoc
  return Int32Array.from(vocabulary.tokens, (token) => {
    const special = specials.indexOf(token);
    if (special >= 0) return names.length + special;
    return names.indexOf(otherTokens.has(token) ? otherName : 'rna');
  });
}

/** For each column, the first one of the same token; -1 for columns without a token. */
export function firstOfToken(columnTokens: Int32Array): Int32Array {
  const first = new Map<number, number>();
  return columnTokens.map((token, column) => {
    if (token < 0) return -1;
    const place = first.get(token) ?? column;
    first.set(token, place);
    return place;
  });
}

/** A modality, whether its values are shown, and how they are told. */
export interface BinnedPart {
  readonly modality: PreparedModality;
  readonly shown: boolean;
  readonly binary: boolean;
}

/**
 * Bins of the cells, each modality binned by itself in each cell over the features that have a token; values of columns
 * of one token are summed first, as a gene panel does.
 *
 * @param parts columns of RNA, then of the other modality
 * @param places see {@link firstOfToken}, over the columns of all parts
 */
export async function binnedCells(
  parts: readonly BinnedPart[],
  places: Int32Array, // [columns]
  count: number,
  bins: number,
): Promise<CsrMatrix> {
  const binner = new ValueBinner(bins, 'left');
  const rows: { indices: number[]; values: number[] }[] = Array.from({ length: count }, () => ({
    indices: [],
    values: [],
  }));
  let offset = 0;
  for (const { modality, shown, binary } of parts) {
    const { given, members, features } = modality;
    if (shown) {
      const block = await given.rows(0, members.length);
      for (const [place, cell] of members.entries()) {
        const sums = new Map<number, number>();
        for (let i = block.indptr[place]; i < block.indptr[place + 1]; i++) {
          const column = places[offset + block.indices[i]];
          if (column < 0 || block.values[i] <= 0) continue;
          sums.set(column, (sums.get(column) ?? 0) + block.values[i]);
        }
        const columns = [...sums.keys()].sort((a, b) => a - b);
        const values = Float32Array.from(columns, (column) => sums.get(column) ?? 0);
        const binned = new Float32Array(values.length);
        if (binary) binned.fill(1);
        else if (values.length > 0) binner.bin(values, binned);
        rows[cell].indices.push(...columns);
        rows[cell].values.push(...binned);
      }
    }
    offset += features.length;
  }
  const indptr = new Float64Array(count + 1);
  rows.forEach(({ indices }, cell) => {
    indptr[cell + 1] = indptr[cell] + indices.length;
  });
  return new CsrMatrix([count, offset], {
    indptr,
    indices: Int32Array.from(rows.flatMap(({ indices }) => indices)),
    values: Float32Array.from(rows.flatMap(({ values }) => values)),
  });
}
