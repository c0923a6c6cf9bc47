/** @file A Zarr array that grows by rows, written in whole chunks. */

import { PendingValues } from '../encoding/pending-values.ts';
import type { GrowingArray } from '../encoding/sink.ts';
import { byteWidth } from '../hdf5/element-type.ts';
import { encodeNumbers } from '../hdf5/numbers.ts';
import { emptyLike, type NumericArray, type StoredDtype } from '../matrix.ts';

/** Bytes of a chunk before compression: a million cells of two thousand genes are then some thousand files. */
const chunkBytes = 1 << 22;

/** Where chunks of rows go. */
export interface RowChunks {
  /** Writes the chunk at a place along the first axis. */
  put(place: number, bytes: Uint8Array): Promise<void>;
  /** Told the array's rows and those of each chunk, when they are known. */
  complete(rows: number, chunkRows: number): void;
}

/** Collects rows until they fill a chunk. */
export class GrowingZarrArray implements GrowingArray {
  private readonly chunks: RowChunks;
  private readonly path: string;
  private readonly dtype: StoredDtype;
  private readonly rowLength: number;
  private readonly chunkRows: number;
  private readonly pending = new PendingValues();
  private written = 0; // chunks

  constructor(chunks: RowChunks, path: string, dtype: StoredDtype, rowShape: readonly number[]) {
    this.chunks = chunks;
    this.path = path;
    this.dtype = dtype;
    this.rowLength = rowShape.reduce((product, extent) => product * extent, 1);
    this.chunkRows = Math.max(1, Math.floor(chunkBytes / Math.max(this.rowLength * byteWidth(dtype), 1)));
  }

  async append(values: NumericArray): Promise<void> {
    this.pending.add(values);
    const chunkValues = this.chunkRows * this.rowLength;
    while (this.pending.length > chunkValues) await this.write(this.pending.take(chunkValues));
  }

  /** An array of a single chunk has a chunk of its own size; otherwise the last one is filled up with zeros. */
  async end(rows?: number): Promise<void> {
    const rest = this.pending.length;
    const ended = this.written * this.chunkRows + (this.rowLength === 0 ? 0 : rest / this.rowLength);
    const single = this.written === 0;
    if (rest > 0) {
      const last = this.pending.take(rest);
      const whole = single ? last : emptyLike(last, this.chunkRows * this.rowLength);
      if (!single) whole.set(last);
      await this.write(whole);
    }
    this.chunks.complete(Math.max(rows ?? 0, ended), single ? Math.max(ended, 1) : this.chunkRows);
  }

  private async write(values: NumericArray): Promise<void> {
    await this.chunks.put(this.written++, encodeNumbers(values, this.dtype, this.path));
  }
}
