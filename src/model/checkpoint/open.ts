/** @file Opens a checkpoint of any format, told by its content, and says what a file is that is none. */

import { CheckpointError } from '../../support/errors.ts';
import { isGzip } from '../../support/gzip.ts';
import type { ByteSource, OwnBytes } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { downloadLeftover } from './leftover.ts';
import { openSafetensors } from './safetensors.ts';
import { openTorchLegacy } from './torch-legacy.ts';
import { openTorchZip } from './torch-zip.ts';

const zipSignature = 0x504b0304;
const pickleProtocol = 0x80;
const openingBrace = 0x7b;
const sniffed = 512;

/**
 * Opens a `.pt` or `.safetensors` file. Nothing in it is ever executed.
 *
 * @throws CheckpointError when it is incomplete, damaged, hostile or something else.
 */
export async function openCheckpoint(source: ByteSource): Promise<Checkpoint> {
  if (source.size === 0) throw notACheckpoint(source, 'the file is empty');
  const head = await source.read(0, Math.min(sniffed, source.size));
  if (head.length >= 4 && new DataView(head.buffer).getUint32(0) === zipSignature)
    return openTorchZip(source);
  if (isSafetensors(head)) return openSafetensors(source);
  if (head[0] === pickleProtocol) return openTorchLegacy(source);
  throw notACheckpoint(source, whatElse(head));
}

/** After the header's length, a JSON object; other formats have their own sign before that. */
function isSafetensors(head: OwnBytes): boolean {
  return head[8] === openingBrace && head[0] !== openingBrace && !isGzip(head);
}

/** What a file that is no checkpoint most likely is. */
function whatElse(head: OwnBytes): string {
  return (
    downloadLeftover(new TextDecoder().decode(head)) ??
    (isGzip(head) ? 'this is a gzip file' : 'this is no checkpoint')
  );
}

function notACheckpoint(source: ByteSource, what: string): CheckpointError {
  return new CheckpointError({
    what,
    where: source.name,
    expected: 'a .pt file of torch or a .safetensors file',
    advice: 'Download the weights again (with Git LFS, run `git lfs pull`; unpack archives first).',
    reason: 'not_a_checkpoint',
  });
}
