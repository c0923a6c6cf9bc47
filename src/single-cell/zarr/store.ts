/** @file A Zarr store as AnnData's elements are read from it. */

import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { type ElementStore, join } from '../encoding/store.ts';
import { ZarrDataset } from './dataset.ts';
import type { StoreFiles } from './files.ts';
import { readHierarchy, type ZarrNode } from './hierarchy.ts';

/** An open store whose metadata are in memory. */
export class ZarrStore implements ElementStore {
  readonly path: string;
  private readonly files: StoreFiles;
  private readonly nodes: ReadonlyMap<string, ZarrNode>;
  private readonly logger: Logger;
  private open = true;

  constructor(files: StoreFiles, nodes: ReadonlyMap<string, ZarrNode>, logger: Logger) {
    this.path = files.path;
    this.files = {
      path: files.path,
      list: (folder) => files.list(folder),
      get: (key) => this.whileOpen(() => files.get(key), key),
      range: (key, offset, length) => this.whileOpen(() => files.range(key, offset, length), key),
      close: () => files.close(),
    };
    this.nodes = nodes;
    this.logger = logger;
  }

  /** @throws InputError when there is no Zarr group */
  static async open(files: StoreFiles, logger: Logger): Promise<ZarrStore> {
    return new ZarrStore(files, await readHierarchy(files), logger);
  }

  where(path: string): string {
    return `${this.path}: ${path === '' ? '/' : path}`;
  }

  has(path: string): boolean {
    return this.nodes.has(path);
  }

  isGroup(path: string): boolean {
    return this.nodes.get(path)?.kind === 'group';
  }

  isDataset(path: string): boolean {
    return this.nodes.get(path)?.kind === 'array';
  }

  keys(path: string): string[] {
    return [...(this.nodes.get(path)?.children ?? [])];
  }

  attribute(path: string, name: string): unknown {
    return this.nodes.get(path)?.attributes[name];
  }

  text(path: string, name: string): string | undefined {
    const value = this.attribute(path, name);
    return typeof value === 'string' ? value : undefined;
  }

  dataset(path: string): ZarrDataset {
    const node = this.nodes.get(path);
    if (node?.kind !== 'array') {
      throw new InputError({
        what: node === undefined ? 'it is missing' : 'it is a group where an array is expected',
        where: this.where(path),
        reason: 'missing_dataset',
      });
    }
    return new ZarrDataset({
      files: this.files,
      path,
      node,
      logger: this.logger,
      whole: () => this.mustBeWhole(path),
    });
  }

  /** Zarr has no object references. */
  target(path: string): string {
    throw new InputError({
      what: 'it refers to another object',
      where: this.where(path),
      reason: 'bad_metadata',
    });
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.files.close();
  }

  /**
   * Writers leave out chunks that hold nothing but the fill value. In the arrays of a sparse matrix that has entries,
   * and among names, that cannot be told from a lost chunk, and to guess would turn counts into zeros.
   */
  private mustBeWhole(path: string): boolean {
    const cut = path.lastIndexOf('/');
    const [parent, name] = [path.slice(0, Math.max(cut, 0)), path.slice(cut + 1)];
    const encoding = this.text(parent, 'encoding-type');
    if (encoding === 'csr_matrix' || encoding === 'csc_matrix')
      return this.dataset(join(parent, 'data')).size > 0;
    return encoding === 'dataframe' && name === this.text(parent, '_index');
  }

  private whileOpen<T>(read: () => Promise<T>, key: string): Promise<T> {
    if (this.open) return read();
    throw new InputError({
      what: 'the store was closed before its data were read',
      where: `${this.path}: ${key}`,
      reason: 'closed',
    });
  }
}
