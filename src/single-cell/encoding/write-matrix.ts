/** @file Writing matrices by blocks, in the layout they have: rows, columns or dense. */

import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { emptyLike, type Matrix, type NumericArray, readsColumns, type SparseRows } from '../matrix.ts';
import type { ElementSink, GrowingArray } from './sink.ts';
import { join } from './store.ts';
import { writeEncoding } from './write-frame.ts';

/** Rows, or columns, that pass through memory at once. */
const blockSize = 256;

/** scipy takes 32-bit pointers up to here. */
const int32Limit = 2 ** 31 - 1;

/**
 * Writes a matrix while it is read. One stored by columns stays so where its columns can be read; views of such
 * matrices are written by rows.
 *
 * @throws InputError when a stored structure turns out to be broken
 * @throws CancelledError when the signal is aborted
 */
export async function writeMatrix(
  writer: ElementSink,
  path: string,
  matrix: Matrix,
  control: RunControl,
): Promise<void> {
  if (matrix.layout === 'dense') return writeDense(writer, path, matrix, control);
  if (readsColumns(matrix)) {
    const read = (start: number, end: number) => matrix.columns(start, end);
    return writeCompressed(writer, path, 'csc_matrix', matrix, matrix.shape[1], read, control);
  }
  const read = (start: number, end: number) => matrix.rows(start, end);
  return writeCompressed(writer, path, 'csr_matrix', matrix, matrix.shape[0], read, control);
}

type ReadBlock = (start: number, end: number) => Promise<SparseRows>;

async function writeCompressed(
  writer: ElementSink,
  path: string,
  encoding: 'csr_matrix' | 'csc_matrix',
  { shape, dtype }: Matrix,
  length: number,
  read: ReadBlock,
  control: RunControl,
): Promise<void> {
  await writer.group(path);
  writeEncoding(writer, path, encoding);
  writer.integersAttribute(path, 'shape', shape);
  const data = writer.growing(join(path, 'data'), dtype, []);
  const indices = writer.growing(join(path, 'indices'), 'int32', []);
  const indptr = new Float64Array(length + 1);
  for await (const block of blocks(path, length, read, control)) {
    await data.append(block.values);
    await indices.append(block.indices);
    const before = indptr[block.start];
    for (let row = 1; row <= block.rowCount; row++) indptr[block.start + row] = before + block.indptr[row];
  }
  await data.end();
  await indices.end();
  const pointerDtype = indptr[length] > int32Limit ? 'int64' : 'int32';
  await writer.numbers(join(path, 'indptr'), pointerDtype, [indptr.length], indptr);
}

async function writeDense(
  writer: ElementSink,
  path: string,
  matrix: Matrix,
  control: RunControl,
): Promise<void> {
  const [rows, columns] = matrix.shape;
  const dataset: GrowingArray = writer.growing(path, matrix.dtype, [columns]);
  writeEncoding(writer, path, 'array');
  const read = (start: number, end: number) => matrix.rows(start, end);
  for await (const block of blocks(path, rows, read, control)) await dataset.append(densify(block));
  await dataset.end(rows);
}

async function* blocks(
  path: string,
  total: number,
  read: ReadBlock,
  { signal, onProgress }: RunControl,
): AsyncGenerator<SparseRows> {
  const stage = `writing ${path}`;
  for (let start = 0; start < total; start += blockSize) {
    if (signal?.aborted === true) throw new CancelledError({ what: `stopped while ${stage}` });
    const block = await read(start, Math.min(start + blockSize, total));
    yield { ...block, start };
    onProgress?.({ stage, done: start + block.rowCount, total, unit: 'rows' });
  }
}

/** The rows of a block with their zeros. */
function densify({ rowCount, columnCount, indptr, indices, values }: SparseRows): NumericArray {
  const dense = emptyLike(values, rowCount * columnCount);
  for (let row = 0; row < rowCount; row++) {
    for (let i = indptr[row]; i < indptr[row + 1]; i++) dense[row * columnCount + indices[i]] = values[i];
  }
  return dense;
}
