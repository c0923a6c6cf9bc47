/** @file The dtype that holds the values of two, as numpy promotes them. */

import type { NumericArray, StoredDtype } from '../matrix.ts';

/** Promotes pairwise; equal dtypes stay. */
export function commonDtype(dtypes: readonly StoredDtype[]): StoredDtype {
  return dtypes.reduce(promote);
}

function promote(a: StoredDtype, b: StoredDtype): StoredDtype {
  if (a === b || b === 'bool') return a;
  if (a === 'bool') return b;
  const [bitsA, bitsB] = [bits(a), bits(b)];
  if (isFloat(a) || isFloat(b)) {
    return `float${Math.max(isFloat(a) ? bitsA : floatFor(bitsA), isFloat(b) ? bitsB : floatFor(bitsB))}` as StoredDtype;
  }
  const [unsignedA, unsignedB] = [a.startsWith('u'), b.startsWith('u')];
  if (unsignedA === unsignedB) return bitsA > bitsB ? a : b;
  const needed = Math.max(unsignedA ? 2 * bitsA : bitsA, unsignedB ? 2 * bitsB : bitsB);
  return needed > 64 ? 'float64' : (`int${needed}` as StoredDtype);
}

const bits = (dtype: StoredDtype) => Number(/\d+/.exec(dtype)![0]);

/** True for dtypes that can hold NaN. */
export const isFloat = (dtype: StoredDtype) => dtype.startsWith('float');

/** The float that holds integers of so many bits without rounding, as far as there is one. */
const floatFor = (integerBits: number) => Math.min(2 * integerBits, 64);

const arrays = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  uint64: Float64Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** A zeroed array in which values of a dtype are kept in memory. */
export function arrayOf(dtype: StoredDtype, length: number): NumericArray {
  return new arrays[dtype](length);
}

/** The values in the array of a dtype; themselves if they are in it. */
export function cast(values: NumericArray, dtype: StoredDtype): NumericArray {
  return values instanceof arrays[dtype] ? values : arrays[dtype].from(values as ArrayLike<number>);
}
