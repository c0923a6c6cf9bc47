/** @file Random state dictionaries for property tests. */

import fc from 'fast-check';
import { itemSize, typedArray } from '../../../../src/model/checkpoint/element-types.ts';
import {
  elementCount,
  type StateDict,
  type Tensor,
  type TensorDtype,
} from '../../../../src/support/tensor.ts';

const dtypes: TensorDtype[] = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'uint8',
  'int16',
  'int32',
  'int64',
  'bool',
];

/** Tensors of any type with any bits, NaN payloads included; sizes of 0 and scalars occur. */
export const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(5), { maxLength: 4 }),
    seed: fc.integer(),
  })
  .map(({ dtype, shape, seed }) => {
    const bytes = new Uint8Array(elementCount(shape) * itemSize(dtype));
    let x = seed | 1;
    for (let i = 0; i < bytes.length; i++) {
      x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + i;
      bytes[i] = dtype === 'bool' ? x & 1 : x;
    }
    return { dtype, shape, data: typedArray(dtype, bytes) };
  });

/** State dictionaries with any names, those of object prototypes included. */
export const anyState: fc.Arbitrary<StateDict> = fc
  .uniqueArray(
    fc.tuple(fc.oneof(fc.string({ minLength: 1, unit: 'grapheme' }), fc.constant('toString')), anyTensor),
    {
      minLength: 1,
      maxLength: 8,
      selector: ([name]) => name,
    },
  )
  .map((entries) => new Map(entries));

/** A state dictionary in a form that compares by bits. */
export function bits(state: StateDict): unknown[] {
  return [...state].map(([name, { dtype, shape, data }]) => [
    name,
    dtype,
    [...shape],
    Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}
