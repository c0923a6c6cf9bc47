/** @file Text that arrives in small pieces, so that lines and characters are cut anywhere. */

import type { TextSource } from '../../../src/single-cell/text/source.ts';

export function pieces(path: string, text: string | Uint8Array, pieceBytes: number): TextSource {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return {
    path,
    async *bytes() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
  };
}
