/** @file An HDF5 file: its groups, attributes and links, and its datasets by path. */

import { InputError } from '../../support/errors.ts';
import type { NumericArray } from '../matrix.ts';
import { Hdf5Dataset } from './dataset.ts';
import { decodeElements, type Records } from './decode.ts';
import { elementType } from './element-type.ts';
import { type FileBytes, Hdf5Failure, type Hdf5Library } from './library.ts';
import { absolute } from './paths.ts';

/** What a path leads to. */
export type ObjectKind =
  | { readonly kind: 'group' | 'dataset' | 'datatype' | 'absent' }
  | { readonly kind: 'broken link'; readonly target: string }
  | { readonly kind: 'external link'; readonly file: string; readonly target: string };

/** An attribute's value; null for an empty dataspace. Scalars of numbers are numbers, truth values are 0 and 1. */
export type AttributeValue = null | number | string | string[] | NumericArray | Uint8Array[] | Records;

/** An open file. All reading is done by path, from the root and without a leading slash. */
export class Hdf5File {
  readonly library: Hdf5Library;
  /** The path it was opened by, for messages. */
  readonly path: string;
  readonly id: bigint;
  private open = true;
  private openBytes: FileBytes | undefined;

  constructor(library: Hdf5Library, path: string, id: bigint) {
    this.library = library;
    this.path = path;
    this.id = id;
  }

  /** Opens for reading. @throws Hdf5Failure */
  static open(library: Hdf5Library, path: string): Hdf5File {
    const mode = library.module.H5F_ACC_RDONLY;
    return new Hdf5File(
      library,
      path,
      library.call((hdf5) => hdf5.open(path, mode, false, -1, -1)),
    );
  }

  /** Names an object in messages. */
  where(path: string): string {
    return `${this.path}: ${path === '' ? '/' : path}`;
  }

  /** Runs a call that concerns one object. @throws InputError naming it */
  at<T>(path: string, run: (hdf5: Hdf5Library['module'], id: bigint) => T): T {
    if (!this.open)
      throw new InputError({
        what: 'the file was closed before its data were read',
        where: this.where(path),
      });
    try {
      return this.library.call((hdf5) => run(hdf5, this.id));
    } catch (error) {
      if (!(error instanceof Hdf5Failure)) throw error;
      throw new InputError({
        what: `it cannot be read: ${error.message}`,
        where: this.where(path),
        advice: 'The file may be damaged; compare its size or checksum with its source.',
        reason: 'damaged',
        cause: error,
      });
    }
  }

  kind(path: string): ObjectKind {
    const full = absolute(path);
    return this.at(path, (hdf5, id) => {
      switch (path === '' ? hdf5.H5G_GROUP : hdf5.get_type(id, full)) {
        case hdf5.H5G_GROUP:
          return { kind: 'group' };
        case hdf5.H5G_DATASET:
          return { kind: 'dataset' };
        case hdf5.H5G_TYPE:
          return { kind: 'datatype' };
        case hdf5.H5G_LINK:
          return { kind: 'broken link', target: hdf5.get_symbolic_link(id, full) };
        case hdf5.H5G_UDLINK: {
          const link = hdf5.get_external_link(id, full);
          return { kind: 'external link', file: link.filename, target: link.obj_path };
        }
        default:
          return { kind: 'absent' };
      }
    });
  }

  /**
   * True for a group or dataset.
   *
   * @throws InputError for a link that leads nowhere or into another file
   */
  has(path: string): boolean {
    const found = this.kind(path);
    if (found.kind === 'broken link') {
      throw new InputError({
        what: `it is a link to ${found.target}, where there is nothing`,
        where: this.where(path),
        reason: 'broken_link',
      });
    }
    if (found.kind === 'external link') {
      throw new InputError({
        what: `it is a link to ${found.target} in another file, ${found.file}`,
        where: this.where(path),
        advice: 'Copy the data into this file; links to other files are not followed.',
        reason: 'external_link',
      });
    }
    return found.kind === 'group' || found.kind === 'dataset';
  }

  isGroup(path: string): boolean {
    return this.has(path) && this.kind(path).kind === 'group';
  }

  isDataset(path: string): boolean {
    return this.has(path) && this.kind(path).kind === 'dataset';
  }

  /** Names in a group; none for a group that is absent. */
  keys(path: string): string[] {
    if (!this.isGroup(path)) return [];
    return this.at(path, (hdf5, id) => hdf5.get_names(id, absolute(path), false));
  }

  attributeNames(path: string): string[] {
    return this.at(path, (hdf5, id) => hdf5.get_attribute_names(id, absolute(path)));
  }

  /** An attribute's value, undefined when there is none. */
  attribute(path: string, name: string): AttributeValue | undefined {
    if (!this.attributeNames(path).includes(name)) return undefined;
    const full = absolute(path);
    const metadata = this.at(path, (hdf5, id) => hdf5.get_attribute_metadata(id, full, name));
    if (metadata.shape === null) return null;
    const type = elementType(metadata);
    const byteLength = metadata.shape.reduce((product, extent) => product * extent, type.bytes);
    const values = this.library.withMemory(byteLength, (address) => {
      const pointer = BigInt(address);
      this.at(path, (hdf5, id) => hdf5.get_attribute_data(id, full, name, pointer));
      const bytes = this.library.copyFrom(address, byteLength);
      const where = this.where(`${path}, attribute ${name}`);
      const decoded = decodeElements(bytes, type, this.library.textAt, where);
      if (metadata.vlen) this.at(path, (hdf5, id) => hdf5.reclaim_vlen_memory(id, full, name, pointer));
      return decoded;
    });
    return metadata.shape.length === 0 && 'length' in values ? values[0] : values;
  }

  /** A text attribute; undefined when there is none or it is no text. */
  text(path: string, name: string): string | undefined {
    const value = this.attribute(path, name);
    return typeof value === 'string' ? value : undefined;
  }

  /** @throws InputError when there is no dataset, naming the path */
  dataset(path: string): Hdf5Dataset {
    if (!this.isDataset(path)) {
      throw new InputError({
        what: this.has(path) ? 'it is a group where a dataset is expected' : 'it is missing',
        where: this.where(path),
        reason: 'missing_dataset',
      });
    }
    return new Hdf5Dataset(this, path);
  }

  /** The path an object reference points to, without the leading slash. */
  target(path: string, reference: Uint8Array): string {
    return this.at(path, (hdf5, id) => hdf5.get_referenced_name(id, reference, true)).replace(/^\//, '');
  }

  /** The address of an object's header, relative to the file's base address. */
  headerAddress(path: string): number {
    const reference = this.at(path, (hdf5, id) => hdf5.create_object_reference(id, absolute(path)));
    return Number(new DataView(Uint8Array.from(reference).buffer).getBigUint64(0, true));
  }

  /** The file's bytes, for what the library does not read. */
  get bytes(): FileBytes {
    this.openBytes ??= this.library.bytes(this.path);
    return this.openBytes;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.openBytes?.close();
    this.library.call((hdf5) => hdf5.close_file(this.id));
  }
}
