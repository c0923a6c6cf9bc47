/** @file Rows out of a matrix stored by columns, within a bound on memory. */

import { emptyLike, type NumericArray, type SparseRows, stackBlocks } from '../matrix.ts';
import { canonicalRows } from './canonical.ts';
import type { CompressedArrays } from './sparse.ts';

/** Entries of one band: 128 MiB as float32 with their columns. */
const defaultBudget = 1 << 24;

/** Entries read from the file at once. */
const windowEntries = 1 << 20;

/** Consecutive rows that are in memory. */
interface Band extends SparseRows {
  readonly end: number;
}

/**
 * Transposes a column matrix band by band. One pass counts the entries of each row; then each band of rows, as many
 * as the budget of entries allows, takes one pass over the file, and is kept until a row of another band is asked
 * for. Reading onward therefore costs one pass a band; a matrix within the budget costs a single one.
 */
export class RowBands {
  private readonly arrays: CompressedArrays;
  private readonly budget: number;
  private readonly rowCount: number;
  private counts: Int32Array | undefined; // [rows]
  private band: Band | undefined;

  constructor(arrays: CompressedArrays, budget = defaultBudget) {
    this.arrays = arrays;
    this.budget = budget;
    this.rowCount = arrays.minorCount;
  }

  async rows(start: number, end: number): Promise<SparseRows> {
    const pieces: SparseRows[] = [];
    for (let from = start; from < end; ) {
      const band = await this.bandOf(from);
      const to = Math.min(end, band.end);
      pieces.push(slice(band, from, to));
      from = to;
    }
    return canonicalRows(stackBlocks(pieces, start, this.arrays.majorCount));
  }

  private async bandOf(row: number): Promise<Band> {
    if (this.band === undefined || row < this.band.start || row >= this.band.end) {
      this.counts ??= await this.countRows();
      this.band = undefined; // frees the memory before the next is filled
      this.band = await this.fill(...this.boundsOf(row, this.counts));
    }
    return this.band;
  }

  private async countRows(): Promise<Int32Array> {
    const counts = new Int32Array(this.rowCount);
    const indptr = await this.arrays.indptr();
    const total = indptr[indptr.length - 1];
    for (let from = 0; from < total; from += windowEntries) {
      const rows = await this.arrays.minorIndices(from, Math.min(from + windowEntries, total));
      for (let i = 0; i < rows.length; i++) counts[rows[i]]++;
    }
    return counts;
  }

  /** Bands are laid from the first row on, so that the same row is always in the same band. */
  private boundsOf(row: number, counts: Int32Array): [start: number, end: number] {
    let start = 0;
    let entries = 0;
    for (let i = 0; i < counts.length; i++) {
      if (entries + counts[i] > this.budget && i > start) {
        if (i > row) return [start, i];
        start = i;
        entries = 0;
      }
      entries += counts[i];
    }
    return [start, counts.length];
  }

  private async fill(start: number, end: number): Promise<Band> {
    const rowCount = end - start;
    const indptr = new Int32Array(rowCount + 1);
    for (let row = 0; row < rowCount; row++) indptr[row + 1] = indptr[row] + this.counts![start + row];
    const next = indptr.slice(0, rowCount);
    const columns = new Int32Array(indptr[rowCount]);
    let values: NumericArray | undefined;
    const pointers = await this.arrays.indptr();
    const total = pointers[pointers.length - 1];
    let column = 0;
    for (let from = 0; from < total; from += windowEntries) {
      const window = await this.arrays.entries(from, Math.min(from + windowEntries, total));
      values ??= emptyLike(window.values, columns.length);
      for (let i = 0; i < window.indices.length; i++) {
        while (pointers[column + 1] <= from + i) column++;
        const row = window.indices[i] - start;
        if (row < 0 || row >= rowCount) continue;
        const place = next[row]++;
        columns[place] = column; // columns come in order, so rows are sorted
        values[place] = window.values[i];
      }
    }
    values ??= (await this.arrays.entries(0, 0)).values;
    return { start, end, rowCount, columnCount: this.arrays.majorCount, indptr, indices: columns, values };
  }
}

function slice(band: Band, from: number, to: number): SparseRows {
  const pointers = band.indptr.subarray(from - band.start, to - band.start + 1);
  const [first, last] = [pointers[0], pointers[pointers.length - 1]];
  return {
    start: from,
    rowCount: to - from,
    columnCount: band.columnCount,
    indptr: pointers.map((pointer) => pointer - first),
    indices: band.indices.slice(first, last),
    values: band.values.slice(first, last),
  };
}
