/**
 * @file The file of an approximate index's graph, beside the saved reference. Its name belongs to the points, and a sum
 * of its bytes stands at its end, because the package that reads it takes the program down with a broken file. Node only.
 */

import { createReadStream } from 'node:fs';
import { appendFile, rename, rm, stat } from 'node:fs/promises';
import { crc32 } from '../../support/crc32.ts';
import { InputError } from '../../support/errors.ts';
import { KeyHash } from '../../support/random.ts';
import { writeFailure } from '../../support/write-file.ts';
import type { Points } from '../points.ts';

/** Points that are looked at to tell references apart. */
const looked = 1000;
/** Bytes of the sum at the end. */
const sumSize = 4;

/** `atlas.h5ad.<hash>.usearch`: the graph of other points is never taken for that of these. */
export function graphPath(reference: string, { values, count, dimensions }: Points): string {
  const hash = new KeyHash().number(count).number(dimensions);
  const step = Math.max(1, Math.floor(count / looked));
  for (let row = 0; row < count; row += step) {
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) hash.number(values[i]);
  }
  return `${reference.replace(/[/\\]+$/, '')}.${hash.hexadecimal().slice(0, 12)}.usearch`;
}

/**
 * Writes a graph under another name, adds the sum of its bytes and renames it.
 *
 * @throws OutputError when it cannot be written; nothing is left behind
 */
export async function writeGraph(path: string, write: (unfinished: string) => void): Promise<void> {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    write(unfinished);
    await appendFile(unfinished, sumBytes(await sumOf(unfinished)));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw writeFailure(path, error);
  }
}

/**
 * Whether there is a graph to read.
 *
 * @throws InputError when there is one and it is broken
 */
export async function hasGraph(path: string): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null) return false;
  if (size > sumSize) {
    const sum = await sumOf(path, size - sumSize);
    for await (const last of createReadStream(path, { start: size - sumSize })) {
      if (sumBytes(sum).equals(last)) return true;
    }
  }
  throw new InputError({
    what: 'the graph of the saved reference is broken',
    where: path,
    advice: 'Delete it: it is then built again, and kept with --save-reference',
    reason: 'graph_file',
  });
}

/** CRC-32 of a file's first bytes, by default all. */
async function sumOf(path: string, length = Number.POSITIVE_INFINITY): Promise<number> {
  let sum = 0;
  for await (const bytes of createReadStream(path, { end: length - 1, highWaterMark: 2 ** 20 })) {
    sum = crc32(bytes, sum);
  }
  return sum;
}

function sumBytes(sum: number): Buffer {
  const bytes = Buffer.alloc(sumSize);
  bytes.writeUInt32LE(sum);
  return bytes;
}
