/** @file An array of a Zarr store, read chunk by chunk through zarrita. */

import * as zarr from 'zarrita';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { ElementDataset, ElementType, Records } from '../encoding/store.ts';
import { typedArrays } from '../hdf5/element-type.ts';
import { decodeNumbers } from '../hdf5/numbers.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { chunkStore, type MissingChunk } from './chunk-store.ts';
import { typeOf, type ZarrType } from './data-types.ts';
import { numbersOf, recordsOf, textOf } from './elements.ts';
import type { StoreFiles } from './files.ts';
import type { ZarrNode } from './hierarchy.ts';
import { coordinates, copyOverlap, type Flat, rowMajor, type Strided } from './region.ts';

/** What a dataset is told about itself. */
export interface DatasetParts {
  readonly files: StoreFiles;
  readonly path: string;
  readonly node: ZarrNode;
  readonly logger: Logger;
  /** True where a chunk that is not stored means that data are lost, not that they are the fill value. */
  readonly whole: () => boolean;
}

/** An array; nothing is read until asked for. */
export class ZarrDataset implements ElementDataset {
  readonly path: string;
  readonly where: string;
  readonly shape: readonly number[] | null;
  readonly chunkShape: readonly number[] | null;
  readonly readsAtOnce = false;
  private readonly parts: DatasetParts;
  private readonly element: ZarrType;
  private readonly storedShape: readonly number[];
  private opened: Promise<zarr.Array<zarr.DataType>> | undefined;
  private warned = false;

  /** @throws InputError when the metadata lack a shape */
  constructor(parts: DatasetParts) {
    const { metadata, attributes, version } = parts.node;
    this.parts = parts;
    this.path = parts.path;
    this.where = `${parts.files.path}: ${parts.path}`;
    this.element = typeOf(parts.node);
    this.storedShape = extents(metadata.shape, this.where);
    this.shape = attributes['encoding-type'] === 'null' ? null : this.storedShape;
    const grid = metadata.chunk_grid as { configuration?: { chunk_shape?: unknown } } | undefined;
    this.chunkShape = extents(version === 2 ? metadata.chunks : grid?.configuration?.chunk_shape, this.where);
  }

  get size(): number {
    return this.shape === null ? 0 : product(this.shape);
  }

  get type(): ElementType {
    return this.element.type;
  }

  get dtype(): StoredDtype {
    if (this.type.kind === 'number') return this.type.dtype;
    throw new InputError({
      what: `it holds ${this.type.kind === 'other' ? this.type.name : this.type.kind}`,
      where: this.where,
      expected: 'numbers',
      reason: 'not_numeric',
    });
  }

  async numbers(
    start: readonly number[] = this.storedShape.map(() => 0),
    count = this.storedShape,
  ): Promise<NumericArray> {
    const dtype = this.dtype;
    if (this.element.how === 'bytes')
      return numbersOf(await this.bytes(start, count), this.element, this.where);
    const out = new typedArrays[dtype](product(count));
    await this.fill(out, start, count);
    return decodeNumbers(new Uint8Array(out.buffer), dtype, this.where);
  }

  /** Zarr is never read without waiting: its codecs and files are asynchronous. */
  numbersNow(): NumericArray {
    throw new TypeError('a Zarr array is read asynchronously; check readsAtOnce first');
  }

  async text(): Promise<string[]> {
    if (this.type.kind !== 'text') {
      throw new InputError({
        what: 'it holds no text',
        where: this.where,
        expected: 'text',
        reason: 'not_text',
      });
    }
    const start = this.storedShape.map(() => 0);
    if (this.element.how === 'bytes') return textOf(await this.bytes(start, this.storedShape), this.element);
    const out: unknown[] = new Array(product(this.storedShape)).fill('');
    await this.fill(out, start, this.storedShape);
    return out.map((value, i) => this.checkedText(value, i));
  }

  async records(): Promise<Records> {
    if (this.type.kind !== 'record') {
      throw new InputError({ what: 'it holds no records', where: this.where, reason: 'not_records' });
    }
    const start = this.storedShape.map(() => 0);
    return recordsOf(await this.bytes(start, this.storedShape), this.element, this.where);
  }

  private async bytes(start: readonly number[], count: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
    const width = this.type.bytes;
    const out = new Uint8Array(product(count) * width);
    await this.fill(out, [...start, 0], [...count, width]);
    return out;
  }

  /** Copies a region into row-major storage, chunk after chunk. */
  private async fill(out: Flat, start: readonly number[], count: readonly number[]): Promise<void> {
    if (product(count) === 0) return;
    const array = await this.open();
    const chunkShape = array.chunks;
    const first = start.map((at, axis) => Math.floor(at / chunkShape[axis]));
    const last = start.map((at, axis) => Math.ceil((at + count[axis]) / chunkShape[axis]));
    const region: Strided<Flat> = { data: out, shape: count, stride: rowMajor(count) };
    for (const place of coordinates(first, last)) {
      const chunk = await this.chunk(array, place);
      copyOverlap(
        chunk,
        place.map((at, axis) => at * chunkShape[axis]),
        region,
        start,
      );
    }
  }

  private async chunk(array: zarr.Array<zarr.DataType>, place: readonly number[]): Promise<Strided<Flat>> {
    const rank = this.storedShape.length; // without the axis of an element's bytes
    const coords = place.slice(0, rank);
    try {
      const { data, shape, stride } = await array.getChunk(coords);
      const flat = (data instanceof zarr.BoolArray
        ? new Uint8Array(data.buffer, data.byteOffset, data.length)
        : data) as unknown as Flat;
      if (flat.length < product(shape))
        throw new Error(`it holds ${flat.length} elements, not ${product(shape)}`);
      return { data: flat, shape, stride };
    } catch (cause) {
      throw this.unreadable(cause, coords.join('.') || '0');
    }
  }

  private unreadable(cause: unknown, name: string): unknown {
    if (cause instanceof InputError) return cause;
    const codec = zarr.isZarritaError(cause, 'UnknownCodecError');
    return new InputError({
      what: codec
        ? `it is compressed by ${cause.codec}, which is not known here`
        : `chunk ${name} cannot be read: ${(cause as Error).message}`,
      where: this.where,
      advice: codec ? 'Write it again with gzip, zstd, lz4 or blosc.' : 'The store may be damaged.',
      reason: codec ? 'unknown_codec' : 'damaged',
      cause,
    });
  }

  private open(): Promise<zarr.Array<zarr.DataType>> {
    this.opened ??= this.openArray();
    return this.opened;
  }

  private async openArray(): Promise<zarr.Array<zarr.DataType>> {
    const { files, path, node } = this.parts;
    const onMissing: MissingChunk = (name) => this.reportMissing(name);
    const store = chunkStore(files, path, node, this.element, onMissing, this.where);
    try {
      return node.version === 2
        ? await zarr.open.v2(store, { kind: 'array', attrs: false })
        : await zarr.open.v3(store, { kind: 'array' });
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new InputError({
        what: `its metadata are not understood: ${(cause as Error).message}`,
        where: this.where,
        reason: 'bad_metadata',
        cause,
      });
    }
  }

  private reportMissing(name: string): void {
    const fill = this.parts.node.metadata.fill_value;
    if (fill === null || fill === undefined || this.parts.whole()) {
      throw new InputError({
        what: `chunk ${name} is missing, so its values are lost`,
        where: this.where,
        advice: 'Copy or download the store again.',
        reason: 'missing_chunk',
      });
    }
    if (this.warned || this.shape?.length !== 2 || this.type.kind !== 'number') return;
    this.warned = true;
    this.parts.logger.warning(
      `${this.where}: chunk ${name} is not stored; it is read as the fill value ${JSON.stringify(fill)}`,
    );
  }

  private checkedText(value: unknown, position: number): string {
    if (typeof value === 'string') return value;
    if (value === this.parts.node.metadata.fill_value) return '';
    throw new InputError({
      what: `element ${position} is ${JSON.stringify(value)}, which is no text`,
      where: this.where,
      reason: 'not_text',
    });
  }
}

function product(extent: readonly number[]): number {
  return extent.reduce((size, length) => size * length, 1);
}

function extents(stored: unknown, where: string): readonly number[] {
  if (Array.isArray(stored) && stored.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    return stored;
  throw new InputError({ what: 'its metadata say no shape or chunks', where, reason: 'bad_metadata' });
}
