/** @file A matrix whose cells are binned as rows are read. */

import type { UniformDraw, ValueBinner } from '../binning.ts';
import { type Matrix, rowOf } from '../matrix.ts';
import type { SparseRow } from '../tokens/gene-panel.ts';
import { withValues } from './views.ts';

/**
 * Every cell's values replaced by their bins, over all genes of the matrix.
 *
 * @param binner its mode and number of bins
 * @param drawsOf the draws of a cell, needed for mode `random`: key them by the cell's content, as
 *   `(row) => keyedDraws(seed, cellKey(row.indices.map((gene) => tokens[gene]), row.values)).uniform`
 * @throws InputError on reading rows with negative or infinite values
 */
export function binned(
  matrix: Matrix,
  binner: ValueBinner,
  drawsOf?: (row: SparseRow, cell: number) => UniformDraw,
): Matrix {
  return withValues(matrix, 'float32', (block, out) => {
    for (let i = 0; i < block.rowCount; i++) {
      const row = rowOf(block, i);
      const bins = out.subarray(block.indptr[i], block.indptr[i + 1]);
      binner.bin(row.values, bins, drawsOf?.(row, block.start + i));
    }
  });
}
