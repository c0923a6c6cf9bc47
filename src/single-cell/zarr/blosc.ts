/** @file Whether a blosc chunk is whole: the decoder does not look, and would give whatever lies behind it in memory. */

import type { Json, ZarrNode } from './hierarchy.ts';

const headerBytes = 16; // the last four are the chunk's length with this header

/** True when what an array stores for a chunk is a blosc frame. */
export function endsInBlosc({ version, metadata }: ZarrNode): boolean {
  if (version === 2) return (metadata.compressor as Json | null)?.id === 'blosc';
  return lastCodec(metadata.codecs).endsWith('blosc');
}

function lastCodec(codecs: unknown): string {
  const last = ((codecs ?? []) as { name: string; configuration?: Json }[]).at(-1);
  return last?.name === 'sharding_indexed' ? lastCodec(last.configuration?.codecs) : (last?.name ?? '');
}

/** @throws Error when the frame is not as long as it says */
export function requireWholeFrame(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = bytes.length < headerBytes ? headerBytes : view.getUint32(12, true);
  if (bytes.length < declared) throw new Error(`it has ${bytes.length} bytes of ${declared}`);
}
