/** @file The files of Zarr stores in Node: folders and zip archives. */

import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../support/errors.ts';
import { whyNotOpened } from '../../support/unopened.ts';
import type { RandomBytes, StoreFiles } from './files.ts';
import { openZipFiles } from './zip-files.ts';

/**
 * The files of a store: of a folder, or within a zip archive.
 *
 * @throws InputError when nothing is there, or an archive is damaged or holds no store
 */
export async function storeFiles(path: string): Promise<StoreFiles> {
  return (await isFolder(path)) ? new FolderFiles(path) : zipFiles(path);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new InputError({
      what: whyNotOpened(cause, 'store'),
      where: path,
      reason: 'missing_file',
      cause,
    });
  }
}

async function zipFiles(path: string): Promise<StoreFiles> {
  const bytes = await OpenBytes.open(path);
  try {
    return await openZipFiles(bytes, path);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

class FolderFiles implements StoreFiles {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async list(folder: string): Promise<{ files: string[]; folders: string[] }> {
    const found = await this.orUndefined(folder, () =>
      readdir(join(this.path, folder), { withFileTypes: true }),
    );
    const [files, folders]: [string[], string[]] = [[], []];
    for (const entry of found ?? []) {
      const isFolder = entry.isSymbolicLink()
        ? await this.leadsToFolder(join(folder, entry.name))
        : entry.isDirectory();
      (isFolder ? folders : files).push(entry.name);
    }
    return { files, folders };
  }

  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.orUndefined(key, async () => new Uint8Array(await readFile(join(this.path, key))));
  }

  range(key: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.orUndefined(key, async () => {
      const bytes = await OpenBytes.open(join(this.path, key));
      try {
        return await bytes.read(offset < 0 ? Math.max(0, bytes.size + offset) : offset, length);
      } finally {
        await bytes.close();
      }
    });
  }

  async close(): Promise<void> {}

  private async leadsToFolder(key: string): Promise<boolean> {
    return (await this.orUndefined(key, () => stat(join(this.path, key))))?.isDirectory() ?? false;
  }

  private async orUndefined<T>(key: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
      throw new InputError({
        what: `it cannot be read: ${code ?? (cause as Error).message}`,
        where: `${this.path}: ${key}`,
        reason: 'unreadable',
        cause,
      });
    }
  }
}

class OpenBytes implements RandomBytes {
  readonly size: number;
  private readonly handle: Awaited<ReturnType<typeof open>>;

  private constructor(handle: Awaited<ReturnType<typeof open>>, size: number) {
    this.handle = handle;
    this.size = size;
  }

  static async open(path: string): Promise<OpenBytes> {
    const handle = await open(path, 'r');
    return new OpenBytes(handle, (await handle.stat()).size);
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    let done = 0;
    while (done < out.length) {
      const { bytesRead } = await this.handle.read(out, done, out.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return out.subarray(0, done);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
