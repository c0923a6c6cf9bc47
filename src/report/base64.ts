/** @file Typed arrays as base64, little-endian, in Node and in a page. */

/** Bytes turned to text at a time: more would overflow the stack of `fromCharCode`. */
const step = 0x8000;

/** The bytes of an array as base64. */
export function base64(array: Uint8Array | Uint16Array | Float32Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += step) text += String.fromCharCode(...bytes.subarray(i, i + step));
  return btoa(text);
}
