/** @file Some genes of cells that are in memory, in any order. */

import { CsrMatrix, compress } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';

/**
 * A matrix of the asked columns in the asked order, zeros left out.
 *
 * @param columns of the rows, none twice
 */
export function chosenGenes(rows: SparseRows, columns: ArrayLike<number>): CsrMatrix {
  const places = new Int32Array(rows.columnCount).fill(-1);
  for (let i = 0; i < columns.length; i++) places[columns[i]] = i;
  const [cells, genes, values]: [number[], number[], number[]] = [[], [], []];
  for (let cell = 0; cell < rows.rowCount; cell++) {
    const start = rows.indptr[cell];
    const order = Array.from({ length: rows.indptr[cell + 1] - start }, (_, i) => start + i)
      .filter((i) => places[rows.indices[i]] >= 0 && rows.values[i] !== 0)
      .sort((a, b) => places[rows.indices[a]] - places[rows.indices[b]]);
    for (const i of order) {
      cells.push(cell);
      genes.push(places[rows.indices[i]]);
      values.push(rows.values[i]);
    }
  }
  const sorted = compress(
    Int32Array.from(cells),
    Int32Array.from(genes),
    Float64Array.from(values),
    rows.rowCount,
  );
  return new CsrMatrix([rows.rowCount, columns.length], sorted);
}
