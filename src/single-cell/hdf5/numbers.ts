/** @file Stored numbers to typed arrays and back: 64-bit integers checked, 16-bit floats widened. */

import { InputError, OutputError } from '../../support/errors.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { typedArrays } from './element-type.ts';

/**
 * Views or converts little-endian elements.
 *
 * @param bytes from the start of their buffer
 * @param where names the dataset in errors
 * @throws InputError when a 64-bit integer is beyond 2^53, the largest that is exact here
 */
export function decodeNumbers(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: StoredDtype,
  where: string,
): NumericArray {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype === 'int64' || dtype === 'uint64') {
    return decodeInt64(new Uint32Array(buffer, byteOffset, byteLength / 4), dtype === 'int64', where);
  }
  if (dtype === 'float16') return widenFloat16(new Uint16Array(buffer, byteOffset, byteLength / 2));
  const Kind = typedArrays[dtype];
  return new Kind(buffer, byteOffset, byteLength / Kind.BYTES_PER_ELEMENT) as NumericArray;
}

/** From halves, low word first; BigInt would be an order of magnitude slower. */
function decodeInt64(words: Uint32Array, signed: boolean, where: string): Float64Array {
  const out = new Float64Array(words.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = signed ? words[2 * i + 1] | 0 : words[2 * i + 1];
    if (high >= 0x200000 || high < -0x200000) {
      const exact = (BigInt(high) << 32n) | BigInt(words[2 * i]);
      if (exact > 9007199254740992n || exact < -9007199254740992n) throw tooLarge(exact, i, where);
    }
    out[i] = high * 4294967296 + words[2 * i];
  }
  return out;
}

function tooLarge(value: bigint, position: number, where: string): InputError {
  return new InputError({
    what: `the 64-bit integer ${value} (stored value ${position}) is beyond 2^53 and would be rounded`,
    where,
    expected: 'integers between -2^53 and 2^53',
    advice: 'No count is that large: check how the file was made.',
    reason: 'integer_too_large',
  });
}

let float16Values: Float32Array | undefined;

function widenFloat16(bits: Uint16Array): Float32Array {
  float16Values ??= Float32Array.from({ length: 65536 }, (_, code) => float16Value(code));
  const table = float16Values;
  return Float32Array.from(bits, (code) => table[code]);
}

function float16Value(code: number): number {
  const sign = code & 0x8000 ? -1 : 1;
  const exponent = (code >> 10) & 0x1f;
  const fraction = code & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest 16-bit float, ties to even. */
function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const unit = 2 ** (exponent - 10);
  const floor = Math.floor(size / unit);
  const rest = size / unit - floor;
  const rounded = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
  return sign | (((exponent + 14) << 10) + rounded); // a carry moves to the next exponent by itself
}

/**
 * The stored bytes of numbers.
 *
 * @param where names what is written in errors
 * @throws OutputError when a value is no integer but the dtype is, or is out of the dtype's range
 */
export function encodeNumbers(values: NumericArray, dtype: StoredDtype, where: string): Uint8Array {
  const stored = encode(values, dtype, where);
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

function encode(values: NumericArray, dtype: StoredDtype, where: string): ArrayBufferView {
  if (dtype === 'float32' || dtype === 'float64') {
    const Kind = typedArrays[dtype];
    return values instanceof Kind ? values : Kind.from(values);
  }
  if (dtype === 'float16') return Uint16Array.from(values, float16Bits);
  if (dtype === 'int64' || dtype === 'uint64') {
    const Kind = dtype === 'int64' ? BigInt64Array : BigUint64Array;
    const out = new Kind(values.length);
    for (let i = 0; i < out.length; i++) {
      if (!Number.isInteger(values[i]) || (dtype === 'uint64' && values[i] < 0))
        throw misfit(values[i], dtype, where);
      out[i] = BigInt(values[i]);
    }
    return out;
  }
  const Kind = typedArrays[dtype];
  if (values instanceof Kind) return values;
  const out = new Kind(values.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = values[i];
    if (out[i] !== values[i]) throw misfit(values[i], dtype, where);
  }
  return out;
}

function misfit(value: number, dtype: StoredDtype, where: string): OutputError {
  return new OutputError({
    what: `the value ${value} cannot be stored as ${dtype}`,
    where,
    expected: `values that ${dtype} holds`,
    reason: 'value_range',
  });
}
