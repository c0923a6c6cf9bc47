/** @file The 16-bit floats: every float16 survives the way through float32, and rounding goes to the nearest even. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halved, toFloat32 } from '../../../../src/model/checkpoint/convert.ts';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToFloat16,
} from '../../../../src/model/checkpoint/half.ts';
import { CheckpointError } from '../../../../src/support/errors.ts';

const everyHalf = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** The definition of the format, in float64. */
function meaning(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

describe('float16', () => {
  it('means what its definition says', () => {
    expect(Array.from(float16ToFloat32(everyHalf))).toEqual(Array.from(everyHalf, meaning));
  });

  it('comes back unchanged', () => {
    const back = float32ToFloat16(float16ToFloat32(everyHalf));
    const numbers = everyHalf.filter((bits) => (bits & 0x7fff) <= 0x7c00);
    expect(numbers.every((bits) => back[bits] === bits)).toBe(true);
    expect(
      everyHalf.filter((bits) => (bits & 0x7fff) > 0x7c00).every((bits) => (back[bits] & 0x7fff) > 0x7c00),
    ).toBe(true);
  });

  it('is the nearest number, the even one of two', () => {
    const value = fc.oneof(
      fc.float({ noNaN: true, min: -65519, max: 65519 }),
      fc.float({ noNaN: true, min: Math.fround(-1e-4), max: Math.fround(1e-4) }),
      fc.nat(0x7bfe).map((bits) => (meaning(bits) + meaning(bits + 1)) / 2), // exactly half way
    );
    fc.assert(
      fc.property(value, (x) => {
        const rounded = float32ToFloat16(new Float32Array([x]))[0];
        const distance = (bits: number): number => Math.abs(meaning(bits) - x);
        for (const other of [rounded - 1, rounded + 1]) {
          if (other < 0 || (other & 0x7fff) > 0x7bff || (other & 0x8000) !== (rounded & 0x8000)) continue;
          const nearer = distance(rounded) < distance(other);
          expect(nearer || (distance(rounded) === distance(other) && rounded % 2 === 0)).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
    expect(Array.from(float32ToFloat16(new Float32Array([65519, 65520, -1e9])))).toEqual([
      0x7bff, 0x7c00, 0xfc00,
    ]);
  });
});

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    expect(Array.from(bfloat16ToFloat32(new Uint16Array([0x3f80, 0xc049, 0x0001])))).toEqual([
      1,
      -3.140625,
      2 ** -133,
    ]);
  });
});

describe('halved weights', () => {
  const one = (data: Float32Array) =>
    new Map([['w', { dtype: 'float32' as const, shape: [data.length], data }]]);

  it('are refused when one is too large, by name', () => {
    expect(() => halved(one(new Float32Array([1, 70000])))).toThrow(CheckpointError);
    expect(() => halved(one(new Float32Array([1, 70000])))).toThrow(/70000 of w/);
  });

  it('leave integers and batch-norm statistics alone', () => {
    const state = new Map([
      ['bn.running_var', { dtype: 'float32' as const, shape: [1], data: new Float32Array([1e6]) }],
      ['bn.num_batches_tracked', { dtype: 'int64' as const, shape: [], data: new BigInt64Array([5n]) }],
    ]);
    expect([...halved(state)]).toEqual([...state]);
    expect(toFloat32(state.get('bn.num_batches_tracked')!)).toBe(state.get('bn.num_batches_tracked'));
  });
});
