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

/**
 * Bins of the cells, each modality binned by itself in each cell: columns of RNA, then of the other modality.
 *
 * @param parts modalities to show, with the way their values are told
 * @param columns of each modality, shown or not
 */
export async function binnedCells(
  parts: readonly {
    readonly modality: PreparedModality;
    readonly shown: boolean;
    readonly binary: boolean;
  }[],
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
    const { given, members } = modality;
    if (shown) {
      const block = await given.rows(0, members.length);
      for (const [place, cell] of members.entries()) {
        const start = block.indptr[place];
        const values = block.values.subarray(start, block.indptr[place + 1]);
        const binned = new Float32Array(values.length);
        if (binary) binned.set(Float32Array.from(values, (value) => (value > 0 ? 1 : 0)));
        else if (values.some((value) => value > 0)) binner.bin(values, binned);
        for (let i = 0; i < values.length; i++) {
          if (binned[i] === 0) continue;
          rows[cell].indices.push(offset + block.indices[start + i]);
          rows[cell].values.push(binned[i]);
        }
      }
    }
    offset += modality.features.length;
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
