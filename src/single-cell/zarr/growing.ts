/** @file A Zarr array that grows by rows, written in whole chunks. */

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
  private pending: NumericArray[] = [];
  private pendingValues = 0;
  private written = 0; // chunks

  constructor(chunks: RowChunks, path: string, dtype: StoredDtype, rowShape: readonly number[]) {
    this.chunks = chunks;
    this.path = path;
    this.dtype = dtype;
    this.rowLength = rowShape.reduce((product, extent) => product * extent, 1);
    this.chunkRows = Math.max(1, Math.floor(chunkBytes / Math.max(this.rowLength * byteWidth(dtype), 1)));
  }

  async append(values: NumericArray): Promise<void> {
    if (values.length === 0) return;
    this.pending.push(values);
    this.pendingValues += values.length;
    const chunkValues = this.chunkRows * this.rowLength;
    while (this.pendingValues > chunkValues) await this.write(this.take(chunkValues));
  }

  /** An array of a single chunk has a chunk of its own size; otherwise the last one is filled up with zeros. */
  async end(rows?: number): Promise<void> {
    const rest = this.pendingValues;
    const ended = this.written * this.chunkRows + (this.rowLength === 0 ? 0 : rest / this.rowLength);
    const single = this.written === 0;
    if (rest > 0) {
      const last = this.take(rest);
      const whole = single ? last : emptyLike(last, this.chunkRows * this.rowLength);
      if (!single) whole.set(last);
      await this.write(whole);
    }
    this.chunks.complete(Math.max(rows ?? 0, ended), single ? Math.max(ended, 1) : this.chunkRows);
  }

  private async write(values: NumericArray): Promise<void> {
    await this.chunks.put(this.written++, encodeNumbers(values, this.dtype, this.path));
  }

  /** The first `count` pending values in one array. */
  private take(count: number): NumericArray {
    const taken = emptyLike(this.pending[0], count);
    let filled = 0;
    while (filled < count) {
      const next = this.pending[0];
      const part = next.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === next.length) this.pending.shift();
      else this.pending[0] = next.subarray(part.length);
    }
    this.pendingValues -= count;
    return taken;
  }
}
