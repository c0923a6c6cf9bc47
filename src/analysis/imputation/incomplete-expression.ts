/** @file Expression of which not everything is seen: what methods of imputation read. */

import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';
import type { RunControl } from '../../support/progress.ts';
import { firstNeighbours, type Neighbours, nearestNeighbours } from '../neighbours.ts';
import type { Points } from '../points.ts';
import { type ComponentSpace, componentSpace } from './component-space.ts';

/** What counts of a cell are brought to before log(1 + x). */
export const targetSum = 1e4;

/** Counts of cells as far as they are seen. */
export class IncompleteExpression {
  readonly cells: number;
  readonly genes: number;
  /** Counts that are seen, in memory. */
  readonly counts: CsrMatrix; // [cells, genes]
  /** All rows of {@link counts}. */
  readonly rows: SparseRows;
  /** ln(1 + 10,000 count / total) of each entry of {@link rows}. */
  readonly logged: Float64Array; // [entries]
  /** Counts of each cell over all genes, hidden entries among them. */
  readonly totals: Float64Array; // [cells]
  /** The share of entries above zero that was hidden; 0 where nothing was. */
  readonly hiddenShare: number;
  private computedSpace: Promise<ComponentSpace> | undefined;
  private found: Promise<Neighbours> | undefined;

  private constructor(counts: CsrMatrix, rows: SparseRows, totals: Float64Array, hiddenShare: number) {
    this.cells = rows.rowCount;
    this.genes = rows.columnCount;
    this.counts = counts;
    this.rows = rows;
    this.totals = totals;
    this.hiddenShare = hiddenShare;
    this.logged = new Float64Array(rows.values.length);
    for (let cell = 0; cell < this.cells; cell++) {
      const scale = targetSum / totals[cell];
      for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++)
        this.logged[i] = Math.log1p(rows.values[i] * scale);
    }
  }

  /**
   * @param counts a matrix in memory
   * @param totals of each cell, above zero where the cell has counts
   */
  static async of(counts: CsrMatrix, totals: Float64Array, hiddenShare = 0): Promise<IncompleteExpression> {
    return new IncompleteExpression(counts, await counts.rows(0, counts.shape[0]), totals, hiddenShare);
  }

  /** The logged values as a matrix. */
  loggedMatrix(): CsrMatrix {
    return new CsrMatrix([this.cells, this.genes], {
      indptr: Float64Array.from(this.rows.indptr),
      indices: this.rows.indices,
      values: this.logged,
    });
  }

  /** Principal components, and the way of other cells into them; found once. */
  space(control?: RunControl): Promise<ComponentSpace> {
    this.computedSpace ??= componentSpace(this, control);
    return this.computedSpace;
  }

  /** 30 principal components of logged values, of all genes or the 2,000 that vary most. */
  async components(control?: RunControl): Promise<Points> {
    return (await this.space(control)).points;
  }

  /** Nearest cells by components; fewer than asked for where there are not so many. */
  async neighbours(k: number, control?: RunControl): Promise<Neighbours> {
    this.found ??= this.computeNeighbours(control);
    const found = await this.found;
    return k >= found.k ? found : firstNeighbours(found, k);
  }

  private async computeNeighbours(control?: RunControl): Promise<Neighbours> {
    const points = await this.components(control);
    return nearestNeighbours(points, Math.min(mostNeighbours, this.cells - 1), 'euclidean', control);
  }
}

/** The most neighbours that a method asks for. */
const mostNeighbours = 50;

/** The sum of each row. */
export function rowSums({ rowCount, indptr, values }: SparseRows): Float64Array {
  const sums = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    for (let i = indptr[row]; i < indptr[row + 1]; i++) sums[row] += values[i];
  }
  return sums;
}
