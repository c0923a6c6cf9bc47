/** @file Runs that are kept in a folder, so that long benchmarks can be resumed, scored anew and put into tables later. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What one method did on one set with one seed. */
export interface Run {
  /** Such as `symphony_pbmc_3tech` or `symphony_5p~B`. */
  readonly set: string;
  readonly method: string;
  /** The method's name in tables. */
  readonly name: string;
  readonly seed: number;
  readonly fold: number;
  readonly seconds: number;
  readonly cells: number;
  readonly scores: Readonly<Record<string, number>>;
}

/** Which run is meant. */
export type RunKey = Pick<Run, 'set' | 'method' | 'seed' | 'fold'>;

/** Arrays of 4-byte numbers that a run gave, from which it can be scored again. */
export type Output = Readonly<Record<string, Float32Array | Int32Array>>;

export class Runs {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  find(key: RunKey): Run | undefined {
    const path = `${this.place(key)}.json`;
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  }

  /** All runs on a set. */
  on(set: string): Run[] {
    const folder = join(this.folder, folderOf(set));
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  }

  save(run: Run): void {
    write(`${this.place(run)}.json`, `${JSON.stringify(run, null, 2)}\n`);
  }

  /** Keeps what a run gave; the arrays come back in the same order and of the same types. */
  saveOutput(key: RunKey, output: Output): void {
    for (const [name, values] of Object.entries(output)) {
      write(
        `${this.place(key)}.${name}`,
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      );
    }
  }

  /** An array that a run gave, as bytes; undefined where it was not kept. */
  output(key: RunKey, name: string): ArrayBuffer | undefined {
    const path = `${this.place(key)}.${name}`;
    if (!existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  }

  private place({ set, method, seed, fold }: RunKey): string {
    return join(this.folder, folderOf(set), `${method}-fold${fold}-seed${seed}`);
  }
}

function folderOf(set: string): string {
  return set.replaceAll(/[^\w+~-]/g, '_');
}

/** An interrupted benchmark leaves no half-written file under a run's name. */
function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.unfinished`, content);
  renameSync(`${path}.unfinished`, path);
}
