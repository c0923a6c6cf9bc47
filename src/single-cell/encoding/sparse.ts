/** @file Sparse matrices of a group: data, indices and indptr, row by row or column by column. */

import { InputError } from '../../support/errors.ts';
import type { ColumnMatrix, Matrix, NumericArray, SparseRows, StoredDtype } from '../matrix.ts';
import { canonicalRows } from './canonical.ts';
import { RowBands } from './row-bands.ts';
import { RowReader } from './row-reader.ts';
import type { ElementDataset } from './store.ts';
import { type ElementStore, join } from './store.ts';

/** What the messages call the two directions of a compressed matrix. */
interface Words {
  readonly major: 'row' | 'column';
  readonly minor: 'row' | 'column';
  readonly minorUnit: string;
}

/**
 * The three arrays of a compressed matrix, major axis first: rows of a CSR matrix, columns of a CSC matrix.
 * `indptr` is read once; the entries are read in order and checked as they come.
 */
export class CompressedArrays {
  readonly majorCount: number;
  readonly minorCount: number;
  readonly where: string;
  readonly dtype: StoredDtype;
  private readonly words: Words;
  private readonly data: RowReader;
  private readonly indices: RowReader;
  private readonly indptrDataset: ElementDataset;
  private readonly entryCount: number;
  private pointers: Promise<NumericArray> | undefined;

  /** @throws InputError when an array is missing or their lengths do not fit */
  constructor(file: ElementStore, path: string, majorCount: number, minorCount: number, words: Words) {
    this.majorCount = majorCount;
    this.minorCount = minorCount;
    this.words = words;
    this.where = file.where(path);
    const data = file.dataset(join(path, 'data'));
    const indices = file.dataset(join(path, 'indices'));
    this.indptrDataset = file.dataset(join(path, 'indptr'));
    this.dtype = data.dtype;
    this.data = new RowReader(data);
    this.indices = new RowReader(indices);
    this.entryCount = data.size;
    if (data.size !== indices.size) {
      throw new InputError({
        what: `data and indices have different lengths: ${data.size} and ${indices.size}`,
        where: this.where,
        reason: 'length_mismatch',
      });
    }
    if (this.indptrDataset.size !== majorCount + 1) {
      throw new InputError({
        what: `indptr has ${this.indptrDataset.size} entries`,
        where: this.where,
        expected: `${majorCount + 1}, one more than there are ${words.major}s`,
        reason: 'bad_indptr',
      });
    }
  }

  /** Where the entries of each row (CSR) or column (CSC) begin, checked. */
  indptr(): Promise<NumericArray> {
    this.pointers ??= this.readIndptr();
    return this.pointers;
  }

  private async readIndptr(): Promise<NumericArray> {
    const indptr = await this.indptrDataset.numbers();
    const bad = (what: string, expected?: string) =>
      new InputError({ what: `indptr ${what}`, where: this.where, expected, reason: 'bad_indptr' });
    if (indptr[0] !== 0) throw bad(`begins with ${indptr[0]}; it must start at 0`);
    for (let i = 1; i < indptr.length; i++) {
      if (indptr[i] >= indptr[i - 1]) continue;
      throw bad(`is not increasing at ${this.words.major} ${i - 1}: ${indptr[i - 1]}, then ${indptr[i]}`);
    }
    const last = indptr[this.majorCount];
    if (last !== this.entryCount) {
      throw bad(`has ${last} as its last value`, `the number of stored values, ${this.entryCount}`);
    }
    return indptr;
  }

  /** Entries `from` .. `to - 1`: values and minor indices, the latter checked. */
  async entries(from: number, to: number): Promise<{ indices: Int32Array; values: NumericArray }> {
    const values = await this.data.read(from, to);
    const indices = Int32Array.from(await this.indices.read(from, to));
    await this.checkIndices(indices, from);
    return { indices, values };
  }

  /** Minor indices alone, for counting. */
  async minorIndices(from: number, to: number): Promise<Int32Array> {
    const indices = Int32Array.from(await this.indices.read(from, to));
    await this.checkIndices(indices, from);
    return indices;
  }

  private async checkIndices(indices: Int32Array, from: number): Promise<void> {
    const limit = this.minorCount;
    for (let i = 0; i < indices.length; i++) {
      if (indices[i] >= 0 && indices[i] < limit) continue;
      const { major, minor, minorUnit } = this.words;
      const at = `entry ${from + i}, in ${major} ${majorOf(await this.indptr(), from + i)}`;
      throw new InputError({
        what:
          indices[i] < 0
            ? `there is a negative ${minor} index, ${indices[i]} (${at})`
            : `there is a ${minor} index ${indices[i]} (${at}), but ${limit} ${minorUnit}`,
        where: join(this.where, 'indices'),
        expected: `${minor} indices from 0 to ${limit - 1}`,
        reason: 'bad_index',
      });
    }
  }
}

/** The row (CSR) or column (CSC) an entry belongs to. */
function majorOf(indptr: NumericArray, entry: number): number {
  let major = 0;
  while (indptr[major + 1] <= entry) major++;
  return major;
}

/** A matrix stored row by row. */
export class StoredCsrMatrix implements Matrix {
  readonly layout = 'csr';
  readonly shape: readonly [number, number];
  readonly dtype: StoredDtype;
  private readonly arrays: CompressedArrays;

  constructor(file: ElementStore, path: string, shape: readonly [number, number]) {
    this.shape = shape;
    const words: Words = { major: 'row', minor: 'column', minorUnit: 'columns (genes)' };
    this.arrays = new CompressedArrays(file, path, shape[0], shape[1], words);
    this.dtype = this.arrays.dtype;
  }

  async rows(start: number, end: number): Promise<SparseRows> {
    return compressedRows(this.arrays, start, end);
  }
}

/** A matrix stored column by column, whose rows are gathered in bands that fit in memory. */
export class StoredCscMatrix implements ColumnMatrix {
  readonly layout = 'csc';
  readonly shape: readonly [number, number];
  readonly dtype: StoredDtype;
  private readonly arrays: CompressedArrays;
  private readonly bands: RowBands;

  constructor(file: ElementStore, path: string, shape: readonly [number, number]) {
    this.shape = shape;
    const words: Words = { major: 'column', minor: 'row', minorUnit: 'rows (cells)' };
    this.arrays = new CompressedArrays(file, path, shape[1], shape[0], words);
    this.dtype = this.arrays.dtype;
    this.bands = new RowBands(this.arrays);
  }

  rows(start: number, end: number): Promise<SparseRows> {
    return this.bands.rows(start, end);
  }

  columns(start: number, end: number): Promise<SparseRows> {
    return compressedRows(this.arrays, start, end);
  }
}

async function compressedRows(arrays: CompressedArrays, start: number, end: number): Promise<SparseRows> {
  const pointers = await arrays.indptr();
  const first = pointers[start];
  const indptr = Int32Array.from(pointers.subarray(start, end + 1), (pointer) => pointer - first);
  const { indices, values } = await arrays.entries(first, pointers[end]);
  const rowCount = end - start;
  return canonicalRows({ start, rowCount, columnCount: arrays.minorCount, indptr, indices, values });
}
