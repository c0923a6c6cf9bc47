/** @file A dense tensor in host memory: what checkpoints hold and what runs of a graph take and give. */

/** Element types of tensors. `float16` and `bfloat16` are kept as their bits in a Uint16Array, `bool` as bytes. */
export type TensorDtype =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'bool';

/** The typed array that holds each dtype. */
export interface TensorArray {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

/** A row-major dense tensor. `shape` is empty for a scalar. */
export interface Tensor<D extends TensorDtype = TensorDtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: TensorArray[D];
}

/** Parameters by their name in the checkpoint, in the file's order. */
export type StateDict = Map<string, Tensor>;

/** The number of elements of a shape: 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The same values in memory of their own. */
export function copyOf({ dtype, shape, data }: Tensor): Tensor {
  return { dtype, shape, data: data.slice() } as Tensor;
}

/** The bytes of a tensor's values, without a copy. */
export function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
