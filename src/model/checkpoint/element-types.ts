/** @file Element types as bytes: sizes, and typed arrays over bytes. */

import type { TensorArray, TensorDtype } from '../../support/tensor.ts';
import type { OwnBytes } from './byte-source.ts';

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** Bytes of one element. */
export function itemSize(dtype: TensorDtype): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/** A typed array over bytes, without a copy. The bytes are little-endian, as every machine Node runs on here. */
export function typedArray<D extends TensorDtype>(dtype: D, bytes: OwnBytes): TensorArray[D] {
  const Constructor = constructors[dtype];
  const length = bytes.byteLength / Constructor.BYTES_PER_ELEMENT;
  return new Constructor(bytes.buffer, bytes.byteOffset, length) as TensorArray[D];
}

/** An array of zeros. */
export function emptyArray<D extends TensorDtype>(dtype: D, length: number): TensorArray[D] {
  return new constructors[dtype](length) as TensorArray[D];
}
