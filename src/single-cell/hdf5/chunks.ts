/** @file Raw chunks of a dataset, found through the file's own index, for filters that the library lacks. */

import type { Filter } from './filters.ts';
import { undoFilters } from './filters.ts';
import type { FileBytes } from './library.ts';
import { addressAt, baseAddress, headerMessages, messageType, viewOf } from './object-header.ts';

/** Where a stored chunk lies and which of its filters were skipped. */
interface Chunk {
  readonly offset: number;
  readonly size: number;
  readonly skipped: number;
}

/** What the reader must know of the dataset. */
export interface ChunkedLayout {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly width: number;
  readonly filters: readonly Filter[];
}

/**
 * Reads regions of a chunked dataset by decompressing its chunks here.
 * The index is read once; version 1 B-trees, which h5py writes unless asked for the newest format, are understood.
 */
export class ChunkReader {
  private readonly bytes: FileBytes;
  private readonly layout: ChunkedLayout;
  private readonly chunks: Map<string, Chunk>;

  /**
   * @param header address of the dataset's object header
   * @throws Error when the chunk index is of a newer kind, or broken
   */
  constructor(bytes: FileBytes, header: number, layout: ChunkedLayout) {
    this.bytes = bytes;
    this.layout = layout;
    this.chunks = readIndex(bytes, header, layout.shape.length);
  }

  /**
   * The elements of a region in row-major order.
   *
   * @throws Error when a chunk cannot be decompressed or was never written
   */
  async read(start: readonly number[], count: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
    const { chunkShape, width } = this.layout;
    const out = new Uint8Array(count.reduce((size, extent) => size * extent, width));
    if (out.length === 0) return out;
    for (const corner of chunkCorners(start, count, chunkShape)) {
      const chunk = this.chunks.get(corner.join());
      if (chunk === undefined) throw new Error(`the chunk at ${corner.join(', ')} was never written`);
      copyOverlap(await this.decode(chunk), corner, chunkShape, out, start, count, width);
    }
    return out;
  }

  private decode({ offset, size, skipped }: Chunk): Promise<Uint8Array> {
    const { chunkShape, width, filters } = this.layout;
    const length = chunkShape.reduce((product, extent) => product * extent, width);
    return undoFilters(this.bytes.read(offset, size), filters, skipped, length, width);
  }
}

function readIndex(bytes: FileBytes, header: number, rank: number): Map<string, Chunk> {
  const base = baseAddress(bytes);
  const layout = headerMessages(bytes, base, header).find(({ type }) => type === messageType.layout);
  if (layout === undefined) throw new Error('the dataset has no layout message');
  const content = bytes.read(layout.offset, layout.size);
  if (content[0] !== 3 || content[1] !== 2)
    throw new Error('its chunk index is of a kind that is not understood');
  const chunks = new Map<string, Chunk>();
  const root = addressAt(viewOf(content), 3);
  if (root !== undefined) readNode(bytes, base, root, rank, chunks);
  return chunks;
}

/** A node of the version 1 B-tree: keys with a chunk's size, skipped filters and corner, then where it lies. */
function readNode(
  bytes: FileBytes,
  base: number,
  address: number,
  rank: number,
  chunks: Map<string, Chunk>,
): void {
  const keyBytes = 8 + 8 * (rank + 1);
  const head = bytes.read(base + address, 24);
  if (String.fromCharCode(...head.subarray(0, 4)) !== 'TREE') throw new Error('its chunk index is damaged');
  const level = head[5];
  const entries = viewOf(head).getUint16(6, true);
  const view = viewOf(bytes.read(base + address + 24, entries * (keyBytes + 8)));
  for (let entry = 0; entry < entries; entry++) {
    const at = entry * (keyBytes + 8);
    const child = Number(view.getBigUint64(at + keyBytes, true));
    if (level > 0) {
      readNode(bytes, base, child, rank, chunks);
      continue;
    }
    const corner = Array.from({ length: rank }, (_, axis) =>
      Number(view.getBigUint64(at + 8 + 8 * axis, true)),
    );
    chunks.set(corner.join(), {
      offset: base + child,
      size: view.getUint32(at, true),
      skipped: view.getUint32(at + 4, true),
    });
  }
}

/** First elements of the chunks that a region touches. */
function* chunkCorners(
  start: readonly number[],
  count: readonly number[],
  chunkShape: readonly number[],
): Generator<number[]> {
  const first = start.map((from, axis) => from - (from % chunkShape[axis]));
  const corner = [...first];
  for (;;) {
    yield corner;
    let axis = corner.length - 1;
    for (; axis >= 0; axis--) {
      corner[axis] += chunkShape[axis];
      if (corner[axis] < start[axis] + count[axis]) break;
      corner[axis] = first[axis];
    }
    if (axis < 0) return;
  }
}

function copyOverlap(
  chunk: Uint8Array,
  corner: readonly number[],
  chunkShape: readonly number[],
  out: Uint8Array,
  start: readonly number[],
  count: readonly number[],
  width: number,
): void {
  const low = corner.map((at, axis) => Math.max(at, start[axis]));
  const high = corner.map((at, axis) => Math.min(at + chunkShape[axis], start[axis] + count[axis]));
  const last = corner.length - 1;
  const run = (high[last] - low[last]) * width;
  const position = [...low];
  for (;;) {
    let from = 0;
    let to = 0;
    for (let axis = 0; axis <= last; axis++) {
      from = from * chunkShape[axis] + position[axis] - corner[axis];
      to = to * count[axis] + position[axis] - start[axis];
    }
    out.set(chunk.subarray(from * width, from * width + run), to * width);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      if (++position[axis] < high[axis]) break;
      position[axis] = low[axis];
    }
    if (axis < 0) return;
  }
}
