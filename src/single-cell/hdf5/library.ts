/** @file The HDF5 library as WebAssembly: calls that fail loudly, memory on its heap, bytes of its files. */

/** The low-level interface of h5wasm. */
export type Hdf5Module = typeof import('h5wasm').Module;

/** A call of the HDF5 library failed; the message is the innermost of the reasons that HDF5 gives. */
export class Hdf5Failure extends Error {
  /** Everything HDF5 said, outermost first. */
  readonly trace: string;
  /** As errors of the file system have it; undefined when that is not to blame. */
  readonly code: string | undefined;

  constructor(trace: string) {
    super(innermostReason(trace));
    this.name = 'Hdf5Failure';
    this.trace = trace;
    this.code = systemCodes.get(this.message);
  }
}

/** HDF5 gives the system's words, its numbers being those of WebAssembly's system. */
const systemCodes = new Map([
  ['No space left on device', 'ENOSPC'],
  ['File too large', 'EFBIG'],
  ['Quota exceeded', 'EDQUOT'],
  ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['Read-only file system', 'EROFS'],
]);

/** HDF5 prints its errors as a numbered stack. The system's own words are the plainest, then the deepest entry. */
function innermostReason(trace: string): string {
  const system = /errno = \d+, error message = '([^']*)'/.exec(trace);
  if (system !== null) return system[1];
  const [first] = trace.split('HDF5-DIAG').filter((stack) => stack !== ''); // later ones follow from it
  const reasons = [...(first ?? '').matchAll(/#\d+: .*? in \w+\(\): (.*)/g)].map((match) => match[1]);
  return reasons.at(-1) ?? (trace === '' ? 'the HDF5 library failed without giving a reason' : trace);
}

/**
 * The library in one thread. h5wasm ignores most statuses that HDF5 returns, and HDF5 prints errors to stderr: both
 * are mended here by taking what it prints, so that every failure becomes an exception and nothing is printed.
 */
export class Hdf5Library {
  readonly module: Hdf5Module;
  private printed = '';

  constructor(module: Hdf5Module) {
    this.module = module;
    this.takeStderr();
  }

  private takeStderr(): void {
    const decoder = new TextDecoder();
    const { streams } = this.module.FS as unknown as { streams: Record<string, unknown>[] };
    const stream = streams[2];
    stream.tty = undefined;
    stream.node = { mode: 0o020666 }; // a character device, as the virtual file system asks for
    stream.stream_ops = {
      write: (_stream: unknown, buffer: Uint8Array, offset: number, length: number) => {
        this.printed += decoder.decode(buffer.slice(offset, offset + length));
        return length;
      },
    };
  }

  /**
   * Runs a call of the library.
   *
   * @throws Hdf5Failure when it returns a negative status or HDF5 reports an error while it runs
   */
  call<T>(run: (module: Hdf5Module) => T): T {
    this.printed = '';
    const result = this.attempt(run);
    const negative = (typeof result === 'number' || typeof result === 'bigint') && result < 0;
    if (negative || this.printed.includes('HDF5-DIAG')) throw new Hdf5Failure(this.printed);
    return result;
  }

  /** h5wasm throws plain errors of a few words, such as "name not defined". */
  private attempt<T>(run: (module: Hdf5Module) => T): T {
    try {
      return run(this.module);
    } catch (error) {
      if (this.printed !== '') throw new Hdf5Failure(this.printed);
      throw error instanceof Error && error.constructor === Error ? new Hdf5Failure(error.message) : error;
    }
  }

  /** Lends memory on the library's heap for the time of `use`. */
  withMemory<T>(byteLength: number, use: (address: number) => T): T {
    const address = this.module._malloc(Math.max(byteLength, 1));
    if (address === 0) throw new Hdf5Failure(`no memory for ${byteLength} bytes`);
    try {
      return use(address);
    } finally {
      this.module._free(address);
    }
  }

  /** A copy of heap memory: views into it die when it grows. */
  copyFrom(address: number, byteLength: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.module.HEAPU8.slice(address, address + byteLength).buffer as ArrayBuffer);
  }

  /** The zero-terminated UTF-8 texts that 32-bit heap addresses point to; empty at address 0. */
  readonly textAt = (addresses: Uint8Array<ArrayBuffer>): string[] => {
    const pointers = new Uint32Array(addresses.buffer, addresses.byteOffset, addresses.length / 4);
    return Array.from(pointers, (address) => (address === 0 ? '' : this.module.UTF8ToString(address)));
  };

  /** Opens a file's bytes, beside or instead of its HDF5 structure. */
  bytes(path: string, mode: 'r' | 'r+' = 'r'): FileBytes {
    return new FileBytes(this.module.FS, path, mode);
  }
}

/** Random access to the bytes of a file, in Node as in a browser's worker. */
export class FileBytes {
  readonly size: number;
  private readonly fs: Hdf5Module['FS'];
  private readonly stream: ReturnType<Hdf5Module['FS']['open']>;

  constructor(fs: Hdf5Module['FS'], path: string, mode: 'r' | 'r+') {
    this.fs = fs;
    this.size = fs.stat(path).size;
    this.stream = fs.open(path, mode);
  }

  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const got = this.fs.read(this.stream, bytes, filled, length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.fs.write(this.stream, bytes, 0, bytes.length, offset);
  }

  close(): void {
    this.fs.close(this.stream);
  }
}
