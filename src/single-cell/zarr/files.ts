/** @file The files of a Zarr store, in whatever holds them: a folder, a zip archive, or memory. */

/** Read access by key, such as `X/data/.zarray`. */
export interface StoreFiles {
  /** Where they are, for messages. */
  readonly path: string;
  /** Names in a folder; none where there is no folder. */
  list(folder: string): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }>;
  /** A whole file in a buffer of its own, undefined when there is none. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Part of a file; a negative `offset` counts from its end. */
  range(key: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  close(): Promise<void>;
}

/** Write access: every key is written once. */
export interface StoreOutput {
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Bytes that are read by position: an open file, or a Blob in a page. */
export interface RandomBytes {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}
