/** @file Bytes of the other byte order. */

/** Reverses the bytes of every element in place; `width` is the size of one. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  if (width === 1) return;
  for (let at = 0; at + width <= bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
