/** @file What a new file or folder must offer for AnnData's elements to be written to it, whether it is HDF5 or Zarr. */

import type { NumericArray, StoredDtype } from '../matrix.ts';

/** Some formats write at once, others have to wait. */
export type Done = void | Promise<void>;

/** A field of records to write: numbers with their dtype, or text. */
export type WrittenColumn =
  | { readonly dtype: StoredDtype; readonly values: NumericArray }
  | { readonly values: readonly string[] };

/** An array that grows by whole rows. */
export interface GrowingArray {
  /** The values must not change afterwards. */
  append(values: NumericArray): Done;
  /** Completes it. `rows` is told for rows without columns, which hold no values. */
  end(rows?: number): Done;
}

/** Elements are written once, each after the group it is in; attributes follow their element. */
export interface ElementSink {
  /** True where a column's name may have slashes in it, as anndata allows in HDF5. */
  readonly nestsColumns?: boolean;
  /** Dtypes that fields of records cannot have. */
  readonly notInRecords?: readonly StoredDtype[];
  group(path: string): Done;
  /** An array; a scalar when `shape` is empty. @throws OutputError when values do not fit the dtype */
  numbers(path: string, dtype: StoredDtype, shape: readonly number[], values: NumericArray): Done;
  text(path: string, shape: readonly number[], values: readonly string[]): Done;
  records(path: string, length: number, columns: ReadonlyMap<string, WrittenColumn>): Done;
  /** None, as anndata stores it. */
  empty(path: string): Done;
  /** `rowShape` is empty for a vector. */
  growing(path: string, dtype: StoredDtype, rowShape: readonly number[]): GrowingArray;
  textAttribute(path: string, name: string, value: string | readonly string[]): void;
  booleanAttribute(path: string, name: string, value: boolean): void;
  integersAttribute(path: string, name: string, values: readonly number[]): void;
}
