/** @file A dataset that grows by rows, written in whole chunks. */

import { PendingValues } from '../encoding/pending-values.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import type { Hdf5File } from './file.ts';
import type { Hdf5Library } from './library.ts';
import { encodeNumbers } from './numbers.ts';
import { absolute } from './paths.ts';

/** Collects rows until they fill chunks, so that no chunk is compressed twice. */
export class GrowingDataset {
  private readonly library: Hdf5Library;
  private readonly file: Hdf5File;
  private readonly path: string;
  private readonly dtype: StoredDtype;
  private readonly rowShape: readonly number[];
  private readonly chunkValues: number;
  private readonly rowLength: number;
  private readonly pending = new PendingValues();
  private rows = 0;

  constructor(
    library: Hdf5Library,
    file: Hdf5File,
    path: string,
    dtype: StoredDtype,
    rowShape: readonly number[],
    chunkRows: number,
  ) {
    this.library = library;
    this.file = file;
    this.path = path;
    this.dtype = dtype;
    this.rowShape = rowShape;
    this.rowLength = rowShape.reduce((product, extent) => product * extent, 1);
    this.chunkValues = Math.max(chunkRows * this.rowLength, 1);
  }

  /** Adds whole rows; the values must not change afterwards. */
  append(values: NumericArray): void {
    this.pending.add(values);
    this.write(this.pending.length - (this.pending.length % this.chunkValues));
  }

  /** Writes what is left. `rows` is told for rows without columns, which hold no values. */
  end(rows?: number): void {
    this.write(this.pending.length);
    if (rows !== undefined && rows > this.rows) this.resize(rows);
  }

  private write(count: number): void {
    if (count === 0) return;
    const bytes = encodeNumbers(this.pending.take(count), this.dtype, this.path);
    const start = this.rows;
    const added = count / this.rowLength;
    this.resize(start + added);
    this.library.withMemory(bytes.length, (address) => {
      this.library.module.HEAPU8.set(bytes, address);
      const extent = [added, ...this.rowShape].map(BigInt);
      const offset = [start, ...this.rowShape.map(() => 0)].map(BigInt);
      const strides = extent.map(() => 1n);
      this.library.call((hdf5) =>
        hdf5.set_dataset_data(this.file.id, absolute(this.path), extent, offset, strides, BigInt(address)),
      );
    });
  }

  private resize(rows: number): void {
    this.rows = rows;
    const shape = [rows, ...this.rowShape].map(BigInt);
    this.library.call((hdf5) => hdf5.resize_dataset(this.file.id, absolute(this.path), shape));
  }
}
