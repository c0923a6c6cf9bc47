/** @file Names a model by its content: what it computes depends on this and nothing else. */

import type { Vocabulary } from '../single-cell/vocabulary.ts';
import { bytesOf, type StateDict } from '../support/tensor.ts';
import type { ModelConfig } from './config.ts';

/**
 * SHA-256 over configuration, vocabulary and parameters, as 64 hexadecimal digits.
 *
 * The folder's layout, the file format and the order of names do not matter; neither do keys of `args.json` that
 * nothing reads. Half-precision weights are another model than the full-precision ones they were rounded from.
 *
 * @param parameters by official name, floats as float32
 */
export async function modelHash(
  config: ModelConfig,
  vocabulary: Vocabulary,
  parameters: StateDict,
): Promise<string> {
  const { officialArguments: _, conditions, ...used } = config;
  const given = conditions.length === 0 ? used : { ...used, conditions }; // without any, the name models always had
  const fields = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [JSON.stringify(fields), JSON.stringify(vocabulary.tokens)];
  for (const name of [...parameters.keys()].sort()) {
    const tensor = parameters.get(name)!;
    lines.push(`${name} ${tensor.dtype} [${tensor.shape}] ${await sha256(bytesOf(tensor))}`);
  }
  return sha256(new TextEncoder().encode(lines.join('\n')));
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
