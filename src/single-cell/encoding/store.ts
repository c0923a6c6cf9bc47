/** @file What a file or folder must offer for AnnData's elements to be read from it, whether it is HDF5 or Zarr. */

import type { NumericArray, StoredDtype } from '../matrix.ts';

/** What the elements of a dataset are; `bytes` is the size of one. */
export type ElementType =
  | { readonly kind: 'number'; readonly bytes: number; readonly dtype: StoredDtype }
  | { readonly kind: 'text'; readonly bytes: number }
  | { readonly kind: 'record'; readonly bytes: number; readonly fields: readonly RecordField[] }
  | { readonly kind: 'reference'; readonly bytes: number }
  | { readonly kind: 'other'; readonly bytes: number; readonly name: string };

/** One field of a record; `shape` is empty unless the field is an array. */
export interface RecordField {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** A field of all records: a number array's values row by row, or text. */
export interface RecordColumn {
  readonly shape: readonly number[]; // of each row's value
  readonly type: ElementType;
  readonly values: NumericArray | readonly string[];
}

/** Records as named columns. */
export type Records = ReadonlyMap<string, RecordColumn>;

/** A stored array; nothing is read until asked for. */
export interface ElementDataset {
  readonly path: string;
  /** Names it in messages. */
  readonly where: string;
  /** Null for None, as anndata stores it. */
  readonly shape: readonly number[] | null;
  readonly size: number;
  readonly type: ElementType;
  readonly chunkShape: readonly number[] | null;
  /** @throws InputError when the elements are no numbers */
  readonly dtype: StoredDtype;
  /** True when {@link numbersNow} works. */
  readonly readsAtOnce: boolean;
  numbers(start?: readonly number[], count?: readonly number[]): Promise<NumericArray>;
  /** As {@link numbers} of the whole, but without waiting. */
  numbersNow(): NumericArray;
  text(): Promise<string[]>;
  records(): Records | Promise<Records>;
}

/** Groups, attributes and datasets by path, from the root and without a leading slash. */
export interface ElementStore {
  /** The path it was opened by, for messages. */
  readonly path: string;
  where(path: string): string;
  has(path: string): boolean;
  isGroup(path: string): boolean;
  isDataset(path: string): boolean;
  /** Names in a group; none for a group that is absent. */
  keys(path: string): string[];
  /** Lists come as arrays or typed arrays, truth values as such or as 0 and 1. */
  attribute(path: string, name: string): unknown;
  /** A text attribute; undefined when there is none or it is no text. */
  text(path: string, name: string): string | undefined;
  /** @throws InputError when there is no dataset, naming the path */
  dataset(path: string): ElementDataset;
  /** The path that an object reference leads to. */
  target(path: string, reference: Uint8Array): string;
  close(): void | Promise<void>;
}

/** Joins names to a path; empty parts vanish. */
export function join(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('/');
}
