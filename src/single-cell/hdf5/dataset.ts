/** @file A dataset of an HDF5 file: its shape and type, and regions of it read piece by piece. */

import { swapBytes } from '../../support/byte-order.ts';
import { InputError } from '../../support/errors.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { ChunkReader } from './chunks.ts';
import { type Decoded, decodeElements, type Records } from './decode.ts';
import { type ElementType, elementType, type Metadata, typeInFile } from './element-type.ts';
import type { Hdf5File } from './file.ts';
import { type Filter, filterName, pipelineReader } from './filters.ts';
import { textOfReferences } from './global-heap.ts';
import { decodeNumbers } from './numbers.ts';
import { absolute } from './paths.ts';

/** Bytes moved through the library's heap at once; the heap never shrinks, so this bounds it. */
const pieceBytes = 1 << 25;

/** A dataset; nothing is read until asked for. */
export class Hdf5Dataset {
  readonly file: Hdf5File;
  readonly path: string;
  /** Null for an empty dataspace, with which anndata writes None. */
  readonly shape: readonly number[] | null;
  readonly type: ElementType;
  /** Null unless stored in chunks. */
  readonly chunkShape: readonly number[] | null;
  private readonly filters: readonly Filter[];
  private readonly metadata: Metadata;
  private chunks: ChunkReader | undefined;

  constructor(file: Hdf5File, path: string) {
    this.file = file;
    this.path = path;
    this.metadata = file.at(path, (hdf5, id) => hdf5.get_dataset_metadata(id, absolute(path)));
    this.shape = this.metadata.shape;
    this.type = elementType(this.metadata);
    this.chunkShape = this.metadata.chunks;
    this.filters = file.at(path, (hdf5, id) => hdf5.get_dataset_filters(id, absolute(path)));
  }

  get where(): string {
    return this.file.where(this.path);
  }

  /** The number of elements; 0 for an empty dataspace. */
  get size(): number {
    return this.shape === null ? 0 : this.shape.reduce((product, extent) => product * extent, 1);
  }

  /** @throws InputError when the elements are no numbers */
  get dtype(): StoredDtype {
    if (this.type.kind === 'number') return this.type.dtype;
    const found = this.type.kind === 'other' ? this.type.name : this.type.kind;
    throw new InputError({
      what: `it holds ${found}`,
      where: this.where,
      expected: 'numbers',
      reason: 'not_numeric',
    });
  }

  /** True when {@link numbersNow} works: the library knows the filters. */
  get readsAtOnce(): boolean {
    return pipelineReader(this.filters) === 'library';
  }

  /**
   * The numbers of a region, all of them by default.
   *
   * @throws InputError when the region cannot be read, or its filter is not known
   */
  async numbers(start = this.origin, count = this.extent): Promise<NumericArray> {
    const dtype = this.dtype;
    if (this.readsAtOnce) return this.numbersNow(start, count);
    const bytes = await this.undoneHere(start, count, this.type.bytes);
    if (!this.metadata.littleEndian) swapBytes(bytes, this.type.bytes);
    return decodeNumbers(bytes, dtype, this.where);
  }

  /** As {@link numbers}, but without waiting. */
  numbersNow(start = this.origin, count = this.extent): NumericArray {
    const { dtype, type } = this;
    const out = new Uint8Array(count.reduce((product, extent) => product * extent, type.bytes));
    const rowBytes = count.slice(1).reduce((product, extent) => product * extent, type.bytes);
    const step = Math.max(1, Math.floor(pieceBytes / Math.max(rowBytes, 1)));
    const rows = count[0] ?? 1;
    for (let row = 0; row < rows && out.length > 0; row += step) {
      const piece = [Math.min(step, rows - row), ...count.slice(1)].slice(0, count.length);
      const from = start.map((at, axis) => (axis === 0 ? at + row : at));
      out.set(this.piece(from, piece), row * rowBytes);
    }
    return decodeNumbers(out, dtype, this.where);
  }

  /** All elements as text. @throws InputError when they are no text */
  async text(): Promise<string[]> {
    if (this.type.kind === 'text') return (await this.whole()) as string[];
    throw new InputError({
      what: 'it holds no text',
      where: this.where,
      expected: 'text',
      reason: 'not_text',
    });
  }

  /** All elements as records. @throws InputError when they are none */
  async records(): Promise<Records> {
    if (this.type.kind === 'record') return (await this.whole()) as Records;
    throw new InputError({ what: 'it holds no records', where: this.where, reason: 'not_records' });
  }

  private get origin(): number[] {
    return (this.shape ?? []).map(() => 0);
  }

  private get extent(): readonly number[] {
    return this.shape ?? [0];
  }

  /** All elements, of any type. */
  private async whole(): Promise<Decoded> {
    const { file, where } = this;
    if (this.size === 0) return decodeElements(new Uint8Array(0), this.type, file.library.textAt, where);
    if (this.readsAtOnce) return this.wholeNow();
    const stored = typeInFile(this.type);
    const bytes = await this.undoneHere(this.origin, this.extent, stored.bytes);
    return decodeElements(bytes, stored, (references) => textOfReferences(file.bytes, references), where);
  }

  /** Pointers to text must be followed before HDF5 frees what they point to. */
  private wholeNow(): Decoded {
    const { library } = this.file;
    const byteLength = this.size * this.type.bytes;
    const path = absolute(this.path);
    return library.withMemory(byteLength, (address) => {
      const pointer = BigInt(address);
      this.file.at(this.path, (hdf5, id) => hdf5.get_dataset_data(id, path, null, null, null, pointer));
      const bytes = library.copyFrom(address, byteLength);
      const values = decodeElements(bytes, this.type, library.textAt, this.where);
      this.file.at(this.path, (hdf5, id) => hdf5.reclaim_vlen_memory(id, path, '', pointer));
      return values;
    });
  }

  private piece(start: readonly number[], count: readonly number[]): Uint8Array {
    const { library } = this.file;
    const byteLength = count.reduce((product, extent) => product * extent, this.type.bytes);
    return this.file.at(this.path, (hdf5, id) =>
      library.withMemory(byteLength, (address) => {
        const hyperslab: [bigint[] | null, bigint[] | null, bigint[] | null] =
          count.length === 0
            ? [null, null, null]
            : [count.map(BigInt), start.map(BigInt), count.map(() => 1n)];
        hdf5.get_dataset_data(id, absolute(this.path), ...hyperslab, BigInt(address));
        return library.copyFrom(address, byteLength);
      }),
    );
  }

  /** @param width bytes of an element in the file */
  private async undoneHere(
    start: readonly number[],
    count: readonly number[],
    width: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    this.requireKnownFilters();
    try {
      this.chunks ??= new ChunkReader(this.file.bytes, this.file.headerAddress(this.path), {
        shape: this.shape!,
        chunkShape: this.chunkShape!,
        width,
        filters: this.filters,
      });
      return await this.chunks.read(start, count);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw this.unreadable(this.filters.at(-1)!, (error as Error).message, error);
    }
  }

  private requireKnownFilters(): void {
    const reader = pipelineReader(this.filters);
    if (typeof reader === 'object') throw this.unreadable(reader, 'that filter is not known here');
  }

  private unreadable(filter: Filter, why: string, cause?: unknown): InputError {
    return new InputError({
      what: `it is compressed with ${filterName(filter)} and cannot be read: ${why}`,
      where: this.where,
      advice: "Write the file again with compression='gzip'.",
      reason: 'filter',
      cause,
    });
  }
}
