/** @file Copies the part of a chunk that falls into the region asked for. */

/** An n-dimensional array in flat storage. */
export interface Strided<Data> {
  readonly data: Data;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/** Typed arrays and lists of text alike. */
export interface Flat {
  readonly length: number;
  [position: number]: unknown;
}

/** The strides of row-major storage. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/**
 * Copies where both overlap.
 *
 * @param chunkStart where the chunk begins, and `regionStart` where the region does, in the whole array
 */
export function copyOverlap(
  chunk: Strided<Flat>,
  chunkStart: readonly number[],
  region: Strided<Flat>,
  regionStart: readonly number[],
): void {
  const rank = region.shape.length;
  const from = chunkStart.map((start, axis) => Math.max(start, regionStart[axis]));
  const to = chunkStart.map((start, axis) =>
    Math.min(start + chunk.shape[axis], regionStart[axis] + region.shape[axis]),
  );
  copyAxis(0, 0, 0);

  function copyAxis(axis: number, source: number, target: number): void {
    if (axis === rank) {
      region.data[target] = chunk.data[source];
      return;
    }
    if (axis === rank - 1 && chunk.stride[axis] === 1 && region.stride[axis] === 1) {
      const begin = source + from[axis] - chunkStart[axis];
      const length = to[axis] - from[axis];
      copyRun(chunk.data, begin, begin + length, region.data, target + from[axis] - regionStart[axis]);
      return;
    }
    for (let at = from[axis]; at < to[axis]; at++) {
      copyAxis(
        axis + 1,
        source + (at - chunkStart[axis]) * chunk.stride[axis],
        target + (at - regionStart[axis]) * region.stride[axis],
      );
    }
  }
}

function copyRun(source: Flat, begin: number, end: number, out: Flat, at: number): void {
  if (isTyped(source) && isTyped(out)) out.set(source.subarray(begin, end), at);
  else for (let i = begin; i < end; i++) out[at + i - begin] = source[i];
}

function isTyped(data: Flat): data is Flat & Uint8Array {
  return ArrayBuffer.isView(data);
}

/** Every combination of whole numbers from `from` to below `to`, axis by axis; one empty one without axes. */
export function* coordinates(from: readonly number[], to: readonly number[]): Generator<number[]> {
  if (from.some((start, axis) => start >= to[axis])) return;
  const at = [...from];
  for (;;) {
    yield [...at];
    let axis = at.length - 1;
    while (axis >= 0 && ++at[axis] === to[axis]) at[axis] = from[axis--];
    if (axis < 0) return;
  }
}
