/** @file Writing an HDF5 file: groups, arrays, text, records, attributes, and datasets that grow. */

import { OutputError } from '../../support/errors.ts';
import type { ElementSink, WrittenColumn } from '../encoding/sink.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { byteWidth, typeClass } from './element-type.ts';
import { Hdf5File } from './file.ts';
import { GrowingDataset } from './growing.ts';
import type { Hdf5Library } from './library.ts';
import { encodeNumbers } from './numbers.ts';
import { absolute } from './paths.ts';
import { encodeRecords } from './records.ts';
import { type Stub, stubType, turnStubs } from './stubs.ts';

/** How large arrays are compressed. */
export type Compression = 'gzip' | 'none';

/** Larger arrays pass through the library's heap in pieces. */
const wholeBytes = 1 << 25;

/** Smaller arrays stay uncompressed and in one piece. */
const compressedBytes = 1 << 12;

/** Bytes of a chunk before compression. */
const chunkBytes = 1 << 18;

const gzipLevel = 4; // zlib's and h5py's usual balance of time and size

/** The type of text of variable length, UTF-8. */
const textType = {
  type: typeClass.text,
  size: 4,
  signed: false,
  vlen: true,
  littleEndian: true,
  cset: 1,
};

/** An open file that is written. Close it with {@link finish}, or with {@link abandon} after a failure. */
export class Hdf5Writer implements ElementSink {
  readonly nestsColumns = true;
  /** Types that h5wasm cannot write and that stubs, exchanged in the header, cannot stand for within records. */
  readonly notInRecords = ['bool', 'float16'] as const;
  readonly file: Hdf5File;
  private readonly library: Hdf5Library;
  private readonly compression: Compression;
  private readonly stubs: Stub[] = [];

  private constructor(library: Hdf5Library, path: string, mode: number, compression: Compression) {
    this.library = library;
    this.compression = compression;
    // Low bound "earliest": the widest range of readers
    const { H5F_LIBVER_EARLIEST: low, H5F_LIBVER_LATEST: high } = library.module;
    const id = library.call((hdf5) => hdf5.open(path, mode, false, low, high));
    this.file = new Hdf5File(library, path, id);
  }

  /** Starts a new file. */
  static create(library: Hdf5Library, path: string, compression: Compression): Hdf5Writer {
    return new Hdf5Writer(library, path, library.module.H5F_ACC_TRUNC, compression);
  }

  /** Opens a file to add to it. */
  static modify(library: Hdf5Library, path: string, compression: Compression): Hdf5Writer {
    return new Hdf5Writer(library, path, library.module.H5F_ACC_RDWR, compression);
  }

  /** Makes a group, and the groups above it that are missing. */
  group(path: string): void {
    this.makeParents(path);
    this.library.call((hdf5) => hdf5.create_group(this.file.id, absolute(path), false));
  }

  private makeParents(path: string): void {
    const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    if (parent !== '' && !this.file.has(parent)) this.group(parent);
  }

  /** Writes an array; a scalar when `shape` is empty. @throws OutputError when values do not fit the dtype */
  numbers(path: string, dtype: StoredDtype, shape: readonly number[], values: NumericArray): void {
    const byteLength = values.length * byteWidth(dtype);
    const rowLength = shape.slice(1).reduce((product, extent) => product * extent, 1);
    if (byteLength > wholeBytes) {
      const grown = this.growing(path, dtype, shape.slice(1));
      const step = Math.max(1, Math.floor(wholeBytes / byteWidth(dtype) / rowLength)) * rowLength;
      for (let from = 0; from < values.length; from += step) grown.append(values.subarray(from, from + step));
      grown.end();
      return;
    }
    const compressed = this.compression === 'gzip' && byteLength > compressedBytes && shape.length > 0;
    const storage = compressed ? this.chunked(dtype, shape.slice(1), shape[0]) : { chunks: null };
    this.dataset(path, dtype, shape, shape, storage, encodeNumbers(values, dtype, path));
  }

  /** Makes a dataset of rows that grows from none; `rowShape` is empty for a vector. */
  growing(path: string, dtype: StoredDtype, rowShape: readonly number[]): GrowingDataset {
    const storage = this.chunked(dtype, rowShape);
    this.dataset(path, dtype, [0, ...rowShape], [null, ...rowShape], storage, new Uint8Array(0));
    return new GrowingDataset(this.library, this.file, path, dtype, rowShape, storage.chunks[0]);
  }

  /** @param rows where their number is fixed: a chunk cannot have more */
  private chunked(dtype: StoredDtype, rowShape: readonly number[], rows = Number.POSITIVE_INFINITY) {
    const rowBytes = rowShape.reduce((product, extent) => product * extent, byteWidth(dtype));
    const chunkRows = Math.min(rows, Math.max(1, Math.floor(chunkBytes / Math.max(rowBytes, 1))));
    const chunks = [chunkRows, ...rowShape.map((extent) => Math.max(extent, 1))];
    return this.compression === 'gzip'
      ? { chunks, compression: 1, compression_opts: [gzipLevel] }
      : { chunks };
  }

  private dataset(
    path: string,
    dtype: StoredDtype,
    shape: readonly number[],
    maxshape: readonly (number | null)[],
    storage: { chunks: number[] | null },
    bytes: Uint8Array,
  ): void {
    this.makeParents(path);
    if (dtype === 'bool' || dtype === 'float16') this.stubs.push({ path, becomes: dtype });
    this.create({ ...numberType(dtype), ...extents(shape, maxshape), ...storage }, path, bytes);
  }

  private create(metadata: object, path: string, bytes: Uint8Array): void {
    this.library.withMemory(bytes.length, (address) => {
      this.library.module.HEAPU8.set(bytes, address);
      this.library.call((hdf5) =>
        hdf5.create_dataset(this.file.id, absolute(path), BigInt(address), metadata as never),
      );
    });
  }

  /** Writes text; a scalar when `shape` is empty. @throws OutputError when an entry holds a zero character */
  text(path: string, shape: readonly number[], values: readonly string[]): void {
    this.makeParents(path);
    requireNoZero(values, path);
    const metadata = { ...textType, ...extents(shape, shape), chunks: null };
    if (values.length === 0) {
      this.create(metadata, path, new Uint8Array(0));
      return;
    }
    this.library.call((hdf5) =>
      hdf5.create_vlen_str_dataset(this.file.id, absolute(path), values, metadata as never),
    );
  }

  /** Writes records of text and numbers. */
  records(path: string, length: number, columns: ReadonlyMap<string, WrittenColumn>): void {
    this.makeParents(path);
    for (const { values } of columns.values()) {
      if (Array.isArray(values)) requireNoZero(values, path);
    }
    encodeRecords(this.library, length, columns, path, (type, bytes) =>
      this.create({ ...type, ...extents([length], [length]), chunks: null }, path, bytes),
    );
  }

  /** Writes a dataset without any extent, with which anndata stores None. */
  empty(path: string): void {
    this.makeParents(path);
    this.stubs.push({ path, becomes: 'empty' });
    this.create({ ...numberType('float32'), ...extents([0], [0]), chunks: null }, path, new Uint8Array(0));
  }

  /** Writes a text attribute: one text or a list. */
  textAttribute(path: string, name: string, value: string | readonly string[]): void {
    const texts = typeof value === 'string' ? [value] : value;
    const shape = typeof value === 'string' ? [] : [texts.length];
    requireNoZero(texts, `${path}, attribute ${name}`);
    const metadata = { ...textType, ...extents(shape, shape) };
    if (texts.length === 0) {
      this.createAttribute(path, name, metadata, new Uint8Array(0));
      return;
    }
    this.library.call((hdf5) =>
      hdf5.create_vlen_str_attribute(this.file.id, absolute(path), name, texts, metadata as never),
    );
  }

  booleanAttribute(path: string, name: string, value: boolean): void {
    this.stubs.push({ path, attribute: name, becomes: 'bool' });
    this.createAttribute(
      path,
      name,
      { ...numberType('bool'), ...extents([], []) },
      Uint8Array.of(Number(value)),
    );
  }

  /** Writes a vector of int64. */
  integersAttribute(path: string, name: string, values: readonly number[]): void {
    const metadata = { ...numberType('int64'), ...extents([values.length], [values.length]) };
    const bytes = encodeNumbers(Float64Array.from(values), 'int64', `${path}, attribute ${name}`);
    this.createAttribute(path, name, metadata, bytes);
  }

  private createAttribute(path: string, name: string, metadata: object, bytes: Uint8Array): void {
    this.library.withMemory(bytes.length, (address) => {
      this.library.module.HEAPU8.set(bytes, address);
      this.library.call((hdf5) =>
        hdf5.create_attribute(this.file.id, absolute(path), name, BigInt(address), metadata as never),
      );
    });
  }

  /** Removes an attribute, where there is one. */
  deleteAttribute(path: string, name: string): void {
    if (!this.file.attributeNames(path).includes(name)) return;
    this.library.call((hdf5) => hdf5.delete_attribute(this.file.id, absolute(path), name));
  }

  /** Completes the file. @throws Hdf5Failure when it could not all be written */
  finish(): void {
    const addresses = this.stubs.map(({ path }) => this.file.headerAddress(path));
    this.library.call((hdf5) => hdf5.flush(this.file.id));
    this.file.close();
    turnStubs(this.library, this.file.path, this.stubs, addresses);
  }

  /** Closes after a failure, whatever state the file is in. */
  abandon(): void {
    try {
      this.file.close();
    } catch {
      // closing writes what is left, which fails again for the same reason
    }
  }
}

function numberType(dtype: StoredDtype): object {
  if (dtype === 'bool' || dtype === 'float16') return stubType(byteWidth(dtype));
  return {
    type: dtype.startsWith('float') ? typeClass.float : typeClass.integer,
    size: byteWidth(dtype),
    signed: dtype.startsWith('int'),
    vlen: false,
    littleEndian: true,
  };
}

const unlimited = 0xffffffffffffffffn;

function extents(shape: readonly number[], maxshape: readonly (number | null)[]): object {
  return {
    shape: shape.map(BigInt),
    maxshape: maxshape.map((extent) => (extent === null ? unlimited : BigInt(extent))),
  };
}

function requireNoZero(values: readonly string[], where: string): void {
  const found = values.find((value) => value.includes('\0'));
  if (found === undefined) return;
  throw new OutputError({
    what: `the text ${JSON.stringify(found)} holds a zero character, which HDF5 text cannot`,
    where,
    reason: 'zero_character',
  });
}
