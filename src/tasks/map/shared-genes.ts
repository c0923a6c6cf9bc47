/** @file The genes of the model that reference and query share, and data cut down to them. */

import { AnnData } from '../../single-cell/anndata.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import { selectGenes } from '../../single-cell/preprocess/views.ts';
import { columnRows } from '../../single-cell/subset.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import type { PreparedCells } from '../prepare.ts';

/** Tokens that are in both, in the order of the first. */
export function sharedTokens(first: Int32Array, second: Int32Array): Int32Array {
  const others = new Set(second);
  return first.filter((token) => others.has(token));
}

/**
 * The data as the model would see them if they had been measured with some of its genes only: the chosen matrix as X,
 * genes under the model's own names, columns of var kept.
 */
export function onTokens(
  data: AnnData,
  { matrix, genes, tokenIds }: PreparedCells,
  tokens: Int32Array,
  vocabulary: Vocabulary,
): AnnData {
  const kept = new Set(tokens);
  const columns = Int32Array.from(tokenIds.keys()).filter((column) => kept.has(tokenIds[column]));
  return new AnnData({
    obs: data.obs,
    var: new DataFrame(
      Array.from(columns, (column) => vocabulary.tokens[tokenIds[column]]),
      Array.from(genes.columns, ([name, column]) => [name, columnRows(column, columns)] as const),
    ),
    X: selectGenes(matrix, columns),
    source: data.source,
  });
}
