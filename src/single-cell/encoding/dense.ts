/** @file Dense data of a store: matrices streamed by rows, arrays read when first looked at. */

import { InputError } from '../../support/errors.ts';
import { plural } from '../../support/words.ts';
import type { DenseArray } from '../anndata.ts';
import { emptyLike, type Matrix, type NumericArray, type SparseRows, type StoredDtype } from '../matrix.ts';
import { RowReader } from './row-reader.ts';
import type { ElementDataset } from './store.ts';

/** A dense matrix, its zeros dropped as rows are read. */
export class DenseMatrix implements Matrix {
  readonly layout = 'dense';
  readonly shape: readonly [number, number];
  readonly dtype: StoredDtype;
  private readonly reader: RowReader;

  /** @throws InputError unless the dataset is a table of numbers */
  constructor(dataset: ElementDataset) {
    const { shape, where } = dataset;
    this.dtype = dataset.dtype;
    if (shape === null || shape.length !== 2) {
      const rank = shape?.length ?? 0;
      throw new InputError({
        what: `it has ${plural(rank, 'dimension')}`,
        where,
        expected: 'a matrix of two dimensions, cells x genes',
        reason: 'bad_shape',
      });
    }
    this.shape = [shape[0], shape[1]];
    this.reader = new RowReader(dataset);
  }

  async rows(start: number, end: number): Promise<SparseRows> {
    return sparseRows(await this.reader.read(start, end), start, end - start, this.shape[1]);
  }
}

/** Rows of a dense block without their zeros. */
function sparseRows(dense: NumericArray, start: number, rowCount: number, columnCount: number): SparseRows {
  let entries = 0;
  for (let i = 0; i < dense.length; i++) if (dense[i] !== 0) entries++;
  const indptr = new Int32Array(rowCount + 1);
  const indices = new Int32Array(entries);
  const values = emptyLike(dense, entries);
  let entry = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) {
      const value = dense[row * columnCount + column];
      if (value === 0) continue;
      indices[entry] = column;
      values[entry++] = value;
    }
    indptr[row + 1] = entry;
  }
  return { start, rowCount, columnCount, indptr, indices, values };
}

/** A dense array that is read from its file the first time its values are looked at. */
class StoredArray implements DenseArray {
  readonly kind = 'dense';
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  private readonly dataset: ElementDataset;
  private read: NumericArray | undefined;

  constructor(dataset: ElementDataset) {
    this.dtype = dataset.dtype;
    this.shape = dataset.shape ?? [0];
    this.dataset = dataset;
  }

  get values(): NumericArray {
    this.read ??= this.dataset.numbersNow();
    return this.read;
  }
}

/** The array of a dataset; read at once where a filter of it can only be undone with waiting. */
export async function denseArray(dataset: ElementDataset): Promise<DenseArray> {
  if (dataset.readsAtOnce) return new StoredArray(dataset);
  return {
    kind: 'dense',
    dtype: dataset.dtype,
    shape: dataset.shape ?? [0],
    values: await dataset.numbers(),
  };
}
