/** @file Tensors in other float types. */

import { CheckpointError } from '../../support/errors.ts';
import type { StateDict, Tensor } from '../../support/tensor.ts';
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from './half.ts';

/** The same tensor with floats as float32; integers, booleans and float32 come back as they are, uncopied. */
export function toFloat32(tensor: Tensor): Tensor {
  const { dtype, shape, data } = tensor;
  switch (dtype) {
    case 'float16':
      return { dtype: 'float32', shape, data: float16ToFloat32(data as Uint16Array) };
    case 'bfloat16':
      return { dtype: 'float32', shape, data: bfloat16ToFloat32(data as Uint16Array) };
    case 'float64':
      return { dtype: 'float32', shape, data: Float32Array.from(data as Float64Array) };
    default:
      return tensor;
  }
}

/**
 * Weights at half the size: float32 as float16, rounded to the nearest. Batch-norm statistics stay float32, because
 * a variance has no bound.
 *
 * @throws CheckpointError when a weight is too large for float16.
 */
export function halved(state: StateDict): StateDict {
  return new Map([...state].map(([name, tensor]) => [name, halvedTensor(name, tensor)]));
}

function halvedTensor(name: string, tensor: Tensor): Tensor {
  if (tensor.dtype !== 'float32' || /\.running_(mean|var)$/.test(name)) return tensor;
  const values = tensor.data as Float32Array;
  const half = float32ToFloat16(values);
  const infinite = 0x7c00;
  const overflow = half.findIndex((bits, i) => (bits & 0x7fff) === infinite && Number.isFinite(values[i]));
  if (overflow >= 0) {
    throw new CheckpointError({
      what: `the weight ${values[overflow]} of ${name} is too large for float16`,
      expected: 'magnitudes below 65,520',
      advice: 'Write the model as f32.',
      reason: 'float16_overflow',
    });
  }
  return { dtype: 'float16', shape: tensor.shape, data: half };
}
