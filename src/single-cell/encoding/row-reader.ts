/** @file Reading a dataset from front to back without decompressing a chunk twice. */

import { emptyLike, type NumericArray } from '../matrix.ts';
import type { ElementDataset } from './store.ts';

/** Rows at least read ahead of what was asked, in bytes: small reads would cost more in calls than in copying. */
const readAheadBytes = 1 << 18;

/** A band of rows wider than this is not kept: then chunks are decompressed again for each read. */
const keptBytes = 1 << 29;

/**
 * Rows of a dataset of one or two dimensions, read in bands of whole chunks; the last band is kept, so that reading
 * onward costs each chunk once.
 */
export class RowReader {
  readonly dataset: ElementDataset;
  private readonly rowCount: number;
  private readonly rowWidth: number;
  private readonly bandRows: number; // multiple of a chunk's rows
  private bandStart = 0;
  private bandEnd = 0;
  private band: NumericArray | undefined;

  constructor(dataset: ElementDataset) {
    this.dataset = dataset;
    const [rows = 0, columns] = dataset.shape ?? [];
    this.rowCount = rows;
    this.rowWidth = columns ?? 1;
    const chunkRows = dataset.chunkShape?.[0] ?? 1;
    const rowBytes = Math.max(this.rowWidth * dataset.type.bytes, 1);
    this.bandRows = Math.ceil(readAheadBytes / rowBytes / chunkRows) * chunkRows;
  }

  /** Rows `start` .. `end - 1`, row-major: a view that later reads may not change. */
  async read(start: number, end: number): Promise<NumericArray> {
    const width = this.rowWidth;
    if (end <= start || width === 0) return (await this.region(0, 0)) as NumericArray;
    if (start < this.bandStart || end > this.bandEnd || this.band === undefined) {
      const aligned = start - (start % this.bandRows);
      const until = Math.min(this.rowCount, Math.ceil(end / this.bandRows) * this.bandRows);
      if ((until - aligned) * width * this.dataset.type.bytes > keptBytes) return this.region(start, end);
      await this.moveBand(aligned, until);
    }
    const offset = this.bandStart;
    return this.band!.subarray((start - offset) * width, (end - offset) * width);
  }

  private async moveBand(start: number, end: number): Promise<void> {
    if (this.band === undefined || start < this.bandStart || start >= this.bandEnd || end <= this.bandEnd) {
      this.band = await this.region(start, end);
    } else {
      const kept = this.band.subarray((start - this.bandStart) * this.rowWidth);
      const fresh = await this.region(this.bandEnd, end);
      const joined = emptyLike(fresh, kept.length + fresh.length);
      joined.set(kept);
      joined.set(fresh, kept.length);
      this.band = joined;
    }
    this.bandStart = start;
    this.bandEnd = end;
  }

  private region(start: number, end: number): Promise<NumericArray> {
    const { shape } = this.dataset;
    const rest = shape!.slice(1);
    return this.dataset.numbers([start, ...rest.map(() => 0)], [end - start, ...rest]);
  }
}
