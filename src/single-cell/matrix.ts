/** @file A cells x genes matrix whose rows are read in blocks, whatever its layout on disk. */

/** Typed arrays a matrix's values come in. Stored 64-bit integers arrive as Float64Array, after a check that none is rounded. */
export type NumericArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Element type as stored in the file. */
export type StoredDtype =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64';

/** How the matrix is laid out where it is stored. */
export type MatrixLayout = 'csr' | 'csc' | 'dense';

/** A block of consecutive rows in compressed sparse row form; column indices ascend within a row, none repeats. */
export interface SparseRows {
  /** Row of the whole matrix that the block's first row is. */
  readonly start: number;
  readonly rowCount: number;
  readonly columnCount: number;
  /** Where each row's entries begin, relative to the block. */
  readonly indptr: Int32Array; // [rowCount + 1]
  readonly indices: Int32Array; // [entries]
  /** May hold explicit zeros where the file does. */
  readonly values: NumericArray; // [entries]
}

/** A matrix read lazily: nothing but the asked rows is brought into memory. */
export interface Matrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly dtype: StoredDtype;
  readonly layout: MatrixLayout;
  /**
   * Rows `start` .. `end - 1` in canonical sparse form: sorted columns, repeated entries summed (as scipy does),
   * explicit zeros of a sparse file kept, zeros of a dense file dropped.
   *
   * @throws InputError when the stored structure is broken, naming file, element and row.
   */
  rows(start: number, end: number): Promise<SparseRows>;
}

/** A matrix stored by columns, which can also be read that way. */
export interface ColumnMatrix extends Matrix {
  readonly layout: 'csc';
  /** Columns `start` .. `end - 1` in canonical form, as the rows of the transposed matrix. */
  columns(start: number, end: number): Promise<SparseRows>;
}

/** True for a matrix that offers its columns. */
export function readsColumns(matrix: Matrix): matrix is ColumnMatrix {
  return matrix.layout === 'csc' && 'columns' in matrix;
}

/** One row of a block: views, not copies. */
export function rowOf(block: SparseRows, row: number): { indices: Int32Array; values: NumericArray } {
  const begin = block.indptr[row];
  const end = block.indptr[row + 1];
  return { indices: block.indices.subarray(begin, end), values: block.values.subarray(begin, end) };
}

/** Reads a matrix from top to bottom in blocks of at most `blockRows` rows. */
export async function* blocksOf(matrix: Matrix, blockRows = 256): AsyncGenerator<SparseRows> {
  for (let start = 0; start < matrix.shape[0]; start += blockRows) {
    yield matrix.rows(start, Math.min(start + blockRows, matrix.shape[0]));
  }
}

/** Puts blocks below one another; the result may share memory with a single block. */
export function stackBlocks(
  blocks: readonly SparseRows[],
  start: number,
  columnCount: number,
  empty: NumericArray = new Float32Array(0),
): SparseRows {
  if (blocks.length === 1) return { ...blocks[0], start };
  const rowCount = blocks.reduce((sum, block) => sum + block.rowCount, 0);
  const entryCount = blocks.reduce((sum, block) => sum + block.indices.length, 0);
  const indptr = new Int32Array(rowCount + 1);
  const indices = new Int32Array(entryCount);
  const values = emptyLike(blocks[0]?.values ?? empty, entryCount);
  let row = 0;
  let entry = 0;
  for (const block of blocks) {
    for (let i = 1; i <= block.rowCount; i++) indptr[++row] = entry + block.indptr[i];
    indices.set(block.indices, entry);
    values.set(block.values, entry);
    entry += block.indices.length;
  }
  return { start, rowCount, columnCount, indptr, indices, values };
}

/** A zeroed array of the same kind of numbers. */
export function emptyLike<Kind extends NumericArray>(values: Kind, length: number): Kind {
  const Kind = values.constructor as new (length: number) => Kind;
  return new Kind(length);
}
