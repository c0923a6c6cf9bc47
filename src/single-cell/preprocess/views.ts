/** @file Matrices seen through a change: other values, some of the genes, some of the cells. Nothing is copied. */

import { UsageError } from '../../support/errors.ts';
import { type Matrix, type SparseRows, type StoredDtype, stackBlocks } from '../matrix.ts';
import { checkExpression } from './pass.ts';

/** The dtype of computed values: float64 stays, all else becomes float32 as in the field's tools. */
export function computedDtype(dtype: StoredDtype): 'float32' | 'float64' {
  return dtype === 'float64' ? 'float64' : 'float32';
}

/**
 * The matrix with values computed when rows are read. Zeros stay zero: `change` sees stored entries only.
 *
 * @param change writes the new value of each entry of a block
 * @throws InputError on reading rows with negative or infinite values
 */
export function withValues(
  matrix: Matrix,
  dtype: 'float32' | 'float64',
  change: (block: SparseRows, out: Float32Array | Float64Array) => void,
): Matrix {
  return {
    shape: matrix.shape,
    dtype,
    layout: matrix.layout,
    async rows(start, end) {
      const block = await matrix.rows(start, end);
      checkExpression(block);
      const length = block.values.length;
      const values = dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
      change(block, values);
      return { ...block, values };
    },
  };
}

/**
 * Some columns of a matrix.
 *
 * @param genes column indices, ascending
 */
export function selectGenes(matrix: Matrix, genes: Int32Array): Matrix {
  const place = new Int32Array(matrix.shape[1]).fill(-1);
  for (let i = 0; i < genes.length; i++) {
    if (genes[i] < 0 || genes[i] >= matrix.shape[1] || (i > 0 && genes[i] <= genes[i - 1])) {
      throw new UsageError({
        what: `entry ${i} of the chosen genes is ${genes[i]}`,
        expected: `ascending column indices from 0 to ${matrix.shape[1] - 1}`,
        reason: 'gene_order',
      });
    }
    place[genes[i]] = i;
  }
  return {
    shape: [matrix.shape[0], genes.length],
    dtype: matrix.dtype,
    layout: matrix.layout,
    async rows(start, end) {
      return keepColumns(await matrix.rows(start, end), place, genes.length);
    },
  };
}

function keepColumns(block: SparseRows, place: Int32Array, columnCount: number): SparseRows {
  const indptr = new Int32Array(block.rowCount + 1);
  const indices = new Int32Array(block.indices.length);
  const values = block.values.slice();
  let entries = 0;
  for (let row = 0; row < block.rowCount; row++) {
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
      if (place[block.indices[i]] < 0) continue;
      indices[entries] = place[block.indices[i]];
      values[entries++] = block.values[i];
    }
    indptr[row + 1] = entries;
  }
  return {
    start: block.start,
    rowCount: block.rowCount,
    columnCount,
    indptr,
    indices: indices.subarray(0, entries),
    values: values.subarray(0, entries),
  };
}

/**
 * Some rows of a matrix, in any order.
 *
 * @param cells row indices
 */
export function selectCells(matrix: Matrix, cells: Int32Array): Matrix {
  for (const cell of cells) {
    if (cell < 0 || cell >= matrix.shape[0]) {
      throw new UsageError({
        what: `there is no row ${cell}`,
        expected: `row indices from 0 to ${matrix.shape[0] - 1}`,
        reason: 'cell_range',
      });
    }
  }
  return {
    shape: [cells.length, matrix.shape[1]],
    dtype: matrix.dtype,
    layout: matrix.layout,
    async rows(start, end) {
      const parts: SparseRows[] = [];
      for (let from = start; from < end; ) {
        let to = from + 1; // past the last of consecutive rows
        while (to < end && cells[to] === cells[to - 1] + 1) to++;
        parts.push(await matrix.rows(cells[from], cells[to - 1] + 1));
        from = to;
      }
      return stackBlocks(parts, start, matrix.shape[1]);
    },
  };
}
