/** @file A sparse matrix that lies in memory row by row, and the rearrangements that make one. */

import type { Matrix, NumericArray, SparseRows, StoredDtype } from './matrix.ts';
import { emptyLike } from './matrix.ts';

/** The entries of a sparse matrix by its major axis: rows of a CSR matrix, columns of a CSC matrix. */
export interface Compressed {
  /** Where each row's or column's entries begin; as doubles, for matrices of more than 2^31 entries. */
  readonly indptr: Float64Array; // [major + 1]
  readonly indices: Int32Array; // [entries]
  readonly values: NumericArray; // [entries]
}

const dtypes = new Map<unknown, StoredDtype>([
  [Int8Array, 'int8'],
  [Uint8Array, 'uint8'],
  [Int16Array, 'int16'],
  [Uint16Array, 'uint16'],
  [Int32Array, 'int32'],
  [Uint32Array, 'uint32'],
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
]);

/** A matrix in memory. Its blocks are views: reading rows copies no entry. */
export class CsrMatrix implements Matrix {
  readonly layout = 'csr';
  readonly shape: readonly [rows: number, columns: number];
  readonly dtype: StoredDtype;
  private readonly entries: Compressed;

  /** @param entries rows with ascending columns, none twice */
  constructor(shape: readonly [rows: number, columns: number], entries: Compressed) {
    this.shape = shape;
    this.entries = entries;
    this.dtype = dtypes.get(entries.values.constructor)!;
  }

  async rows(start: number, end: number): Promise<SparseRows> {
    const { indptr, indices, values } = this.entries;
    const [first, last] = [indptr[start], indptr[end]];
    return {
      start,
      rowCount: end - start,
      columnCount: this.shape[1],
      indptr: Int32Array.from(indptr.subarray(start, end + 1), (pointer) => pointer - first),
      indices: indices.subarray(first, last),
      values: values.subarray(first, last),
    };
  }
}

/** Sorts entries by their major index, keeping the order of those that share one. */
export function compress(
  major: Int32Array,
  minor: Int32Array,
  values: NumericArray,
  majorCount: number,
): Compressed {
  const indptr = pointers(major, majorCount);
  const next = indptr.slice();
  const indices = new Int32Array(major.length);
  const sorted = emptyLike(values, major.length);
  for (let i = 0; i < major.length; i++) {
    const place = next[major[i]]++;
    indices[place] = minor[i];
    sorted[place] = values[i];
  }
  return { indptr, indices, values: sorted };
}

/** The same entries by their other axis, ascending within it; entries of one place stay neighbours. */
export function transpose({ indptr, indices, values }: Compressed, minorCount: number): Compressed {
  const turned = pointers(indices, minorCount);
  const next = turned.slice();
  const majors = new Int32Array(indices.length);
  const moved = emptyLike(values, indices.length);
  for (let major = 0; major + 1 < indptr.length; major++) {
    for (let i = indptr[major]; i < indptr[major + 1]; i++) {
      const place = next[indices[i]]++;
      majors[place] = major;
      moved[place] = values[i];
    }
  }
  return { indptr: turned, indices: majors, values: moved };
}

/** Adds up neighbouring entries of one place, in place. */
export function sumRepeated({ indptr, indices, values }: Compressed): Compressed {
  const summed = new Float64Array(indptr.length);
  let kept = 0;
  for (let major = 0; major + 1 < indptr.length; major++) {
    for (let i = indptr[major]; i < indptr[major + 1]; i++) {
      if (kept > summed[major] && indices[kept - 1] === indices[i]) {
        values[kept - 1] += values[i];
      } else {
        indices[kept] = indices[i];
        values[kept++] = values[i];
      }
    }
    summed[major + 1] = kept;
  }
  return { indptr: summed, indices: indices.subarray(0, kept), values: values.subarray(0, kept) };
}

/** Where the entries of each index begin once they are sorted. */
export function pointers(indices: Int32Array, count: number): Float64Array {
  const begins = new Float64Array(count + 1);
  for (let i = 0; i < indices.length; i++) begins[indices[i] + 1]++;
  for (let i = 0; i < count; i++) begins[i + 1] += begins[i];
  return begins;
}
