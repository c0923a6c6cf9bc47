/** @file Leaving out genes and cells with too few counts. */

import { UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Matrix, SparseRows } from '../matrix.ts';
import { checkExpression, eachBlock } from './pass.ts';

/** What a filter found; the matrix itself is left alone: see {@link selectGenes} and {@link selectCells}. */
export interface FilterResult {
  /** Indices of what stays, ascending. */
  readonly kept: Int32Array;
  /** The total of every gene or cell, left out or not. */
  readonly totals: Float64Array;
}

/** The total of every cell and of every gene, in one pass. */
export async function countTotals(
  matrix: Matrix,
  control?: RunControl,
): Promise<{ cells: Float64Array; genes: Float64Array }> {
  const cells = new Float64Array(matrix.shape[0]);
  const genes = new Float64Array(matrix.shape[1]);
  await eachBlock(
    matrix,
    'adding up counts',
    (block) => {
      checkExpression(block);
      for (let row = 0; row < block.rowCount; row++) {
        let total = 0;
        for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
          total += block.values[i];
          genes[block.indices[i]] += block.values[i];
        }
        cells[block.start + row] = total;
      }
    },
    control,
  );
  return { cells, genes };
}

/** Columns with a value above zero in at least `fewest` rows, ascending. */
export async function expressedIn(matrix: Matrix, fewest: number, control?: RunControl): Promise<Int32Array> {
  const cells = new Int32Array(matrix.shape[1]);
  const count = ({ indices, values }: SparseRows): void => {
    for (let i = 0; i < indices.length; i++) if (values[i] > 0) cells[indices[i]]++;
  };
  await eachBlock(matrix, 'counting cells of genes', count, control);
  return Int32Array.from(cells.keys()).filter((gene) => cells[gene] >= fewest);
}

/**
 * Genes with a total of at least `minCounts`. The reference filters genes first, then cells on what is left.
 *
 * @throws UsageError when `minCounts` is no number of at least 0
 */
export async function filterGenes(
  matrix: Matrix,
  minCounts: number,
  control?: RunControl,
): Promise<FilterResult> {
  checkThreshold(minCounts);
  const { genes } = await countTotals(matrix, control);
  return { kept: atLeast(genes, minCounts), totals: genes };
}

/**
 * Cells with a total of at least `minCounts`.
 *
 * @throws UsageError when `minCounts` is no number of at least 0
 */
export async function filterCells(
  matrix: Matrix,
  minCounts: number,
  control?: RunControl,
): Promise<FilterResult> {
  checkThreshold(minCounts);
  const { cells } = await countTotals(matrix, control);
  return { kept: atLeast(cells, minCounts), totals: cells };
}

function atLeast(totals: Float64Array, minCounts: number): Int32Array {
  return Int32Array.from([...totals.keys()].filter((i) => totals[i] >= minCounts));
}

function checkThreshold(minCounts: number): void {
  if (minCounts >= 0) return;
  throw new UsageError({
    what: `the fewest counts are given as ${minCounts}`,
    expected: 'a number of at least 0',
    reason: 'min_counts',
  });
}
