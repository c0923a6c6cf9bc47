/** @file Entries that are hidden from methods, so that what they say of them can be compared with the truth. */

import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { rowOf, type SparseRows } from '../../single-cell/matrix.ts';

/** Some entries of a cells x genes matrix, cell by cell. */
export interface Entries {
  /** Where each cell's entries begin. */
  readonly indptr: Float64Array; // [cells + 1]
  readonly genes: Int32Array; // [entries], ascending within a cell
}

/** A matrix of which some entries are hidden. */
export interface HiddenEntries {
  /** What is left; hidden entries are not stored. */
  readonly visible: CsrMatrix; // [cells, genes]
  readonly hidden: Entries;
  /** The hidden values. */
  readonly values: Float64Array; // [hidden entries]
}

/**
 * Hides each entry above zero with probability `share`, one draw an entry in the order of cells and genes.
 *
 * @param rows all rows of a matrix
 * @param draw a number of 0 .. 1, below `share` where the entry is hidden
 */
export function hideEntries(rows: SparseRows, share: number, draw: () => number): HiddenEntries {
  const [kept, taken] = [new EntryList(), new EntryList()];
  const [left, truth]: [number[], number[]] = [[], []];
  for (let cell = 0; cell < rows.rowCount; cell++) {
    const { indices, values } = rowOf(rows, cell);
    for (let i = 0; i < indices.length; i++) {
      if (values[i] === 0) continue;
      const hide = draw() < share;
      (hide ? taken : kept).add(indices[i]);
      (hide ? truth : left).push(values[i]);
    }
    kept.endCell();
    taken.endCell();
  }
  const { indptr, genes } = kept.entries();
  return {
    visible: new CsrMatrix([rows.rowCount, rows.columnCount], {
      indptr,
      indices: genes,
      values: Float64Array.from(left),
    }),
    hidden: taken.entries(),
    values: Float64Array.from(truth),
  };
}

/**
 * As many zeros of each cell as entries of it are hidden, fewer where it has no more: those of the smallest draws, one
 * draw for every gene of every cell with hidden entries, so that methods can be asked which of the two an entry is.
 *
 * @param rows all rows of the matrix before entries were hidden
 */
export function comparedZeros(rows: SparseRows, hidden: Entries, draw: () => number): Entries {
  const chosen = new EntryList();
  const draws = new Float64Array(rows.columnCount);
  for (let cell = 0; cell < rows.rowCount; cell++) {
    const count = hidden.indptr[cell + 1] - hidden.indptr[cell];
    if (count === 0) {
      chosen.endCell();
      continue;
    }
    for (let gene = 0; gene < draws.length; gene++) draws[gene] = draw();
    const { indices, values } = rowOf(rows, cell);
    for (let i = 0; i < indices.length; i++)
      if (values[i] !== 0) draws[indices[i]] = Number.POSITIVE_INFINITY;
    const order = Array.from(draws.keys())
      .filter((gene) => draws[gene] < 2)
      .sort((a, b) => draws[a] - draws[b]);
    for (const gene of order.slice(0, count).sort((a, b) => a - b)) chosen.add(gene);
    chosen.endCell();
  }
  return chosen.entries();
}

class EntryList {
  private readonly ends = [0];
  private readonly genes: number[] = [];

  add(gene: number): void {
    this.genes.push(gene);
  }

  endCell(): void {
    this.ends.push(this.genes.length);
  }

  entries(): Entries {
    return { indptr: Float64Array.from(this.ends), genes: Int32Array.from(this.genes) };
  }
}
