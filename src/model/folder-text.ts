/** @file The text files of a model folder, read whole, with a word on what they are instead when they cannot be read. */

import { CheckpointError } from '../support/errors.ts';
import type { ByteSource } from './checkpoint/byte-source.ts';
import { downloadLeftover } from './checkpoint/leftover.ts';

/** No configuration or vocabulary comes near this. */
const longestText = 1 << 28;

/** Reads a whole file as UTF-8. @throws CheckpointError when it is too large to be text. */
export async function readText(source: ByteSource): Promise<string> {
  if (source.size <= longestText) return new TextDecoder().decode(await source.read(0, source.size));
  throw new CheckpointError({
    what: `the file has ${source.size} bytes`,
    where: source.name,
    expected: 'a small text file',
    reason: 'text_size',
  });
}

/** Reads a whole file as JSON. @throws CheckpointError that says what the file is instead. */
export async function readJson(source: ByteSource): Promise<unknown> {
  const text = await readText(source);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError({
      what: downloadLeftover(text) ?? `this is no JSON: ${(cause as Error).message}`,
      where: source.name,
      advice: 'Download the file again.',
      reason: 'json',
      cause,
    });
  }
}
