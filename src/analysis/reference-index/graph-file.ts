/** @file Where the graph of an approximate index lies: beside the saved reference, under a name that only its points have. Node only. */

import { rename, rm, stat } from 'node:fs/promises';
import { KeyHash } from '../../support/random.ts';
import { writeFailure } from '../../support/write-file.ts';
import type { Points } from '../points.ts';

/** Points that are looked at to tell references apart. */
const looked = 1000;

/** `atlas.h5ad.<hash>.usearch`: the graph of other points is never taken for that of these. */
export function graphPath(reference: string, { values, count, dimensions }: Points): string {
  const hash = new KeyHash().number(count).number(dimensions);
  const step = Math.max(1, Math.floor(count / looked));
  for (let row = 0; row < count; row += step) {
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) hash.number(values[i]);
  }
  return `${reference.replace(/[/\\]+$/, '')}.${hash.hexadecimal().slice(0, 12)}.usearch`;
}

/** Whether there is such a file. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/**
 * Writes a file under another name and renames it.
 *
 * @throws OutputError when it cannot be written; nothing is left behind
 */
export async function writeGraph(path: string, write: (unfinished: string) => void): Promise<void> {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    write(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw writeFailure(path, error);
  }
}
