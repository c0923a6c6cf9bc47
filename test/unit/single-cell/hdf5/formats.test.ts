/** @file The pieces of HDF5 that are done here: hashes, LZF, 16-bit floats, 64-bit integers. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressLzf } from '../../../../src/single-cell/hdf5/lzf.ts';
import { decodeNumbers, encodeNumbers } from '../../../../src/single-cell/hdf5/numbers.ts';
import { lookup3 } from '../../../../src/single-cell/hdf5/object-header.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The numbers after a pass through their stored bytes. */
function stored(values: Float32Array | Float64Array, dtype: Parameters<typeof encodeNumbers>[1]): number[] {
  const bytes = encodeNumbers(values, dtype, 'test');
  return Array.from(decodeNumbers(Uint8Array.from(bytes), dtype, 'test'));
}

describe('lookup3', () => {
  it("gives the values of Jenkins' own test driver", () => {
    expect(lookup3(bytesOf(''))).toBe(0xdeadbeef);
    expect(lookup3(bytesOf('Four score and seven years ago'))).toBe(0x17770551);
  });
});

describe('decompressLzf', () => {
  it('copies literals and repeats', () => {
    expect(decompressLzf(Uint8Array.of(2, 1, 2, 3), 3)).toEqual(Uint8Array.of(1, 2, 3));
    // 5, then 4 more from one byte back
    expect(decompressLzf(Uint8Array.of(0, 5, 0x40, 0), 5)).toEqual(new Uint8Array(5).fill(5));
    // a run longer than the control byte can say
    expect(decompressLzf(Uint8Array.of(0, 7, 0xe0, 10, 0), 20)).toEqual(new Uint8Array(20).fill(7));
  });

  it('never reads or writes beyond its bounds, whatever it is given', () => {
    const outcome = fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(100), (input, length) => {
      try {
        expect(decompressLzf(input, length)).toHaveLength(length);
      } catch (error) {
        expect((error as Error).message).toBe('the LZF stream is damaged');
      }
    });
    fc.assert(outcome, { numRuns: 2000 });
  });
});

describe('numbers', () => {
  it('keeps every 16-bit float', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, code) => code).filter(
      (code) => (code & 0x7fff) <= 0x7c00,
    );
    const values = decodeNumbers(new Uint8Array(bits.slice().buffer), 'float16', 'test') as Float32Array;
    expect(new Uint16Array(encodeNumbers(values, 'float16', 'test').slice().buffer)).toEqual(bits);
    expect(stored(Float32Array.of(Number.NaN), 'float16')).toEqual([Number.NaN]);
  });

  it('rounds to the nearest 16-bit float, ties to even', () => {
    const given = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 2 ** -25 * 1.01, 2047.5];
    expect(stored(Float64Array.from(given), 'float16')).toEqual([
      1,
      1 + 2 ** -9,
      65504,
      Infinity,
      0,
      2 ** -24,
      2048,
    ]);
  });

  it('keeps 64-bit integers up to 2^53 and refuses larger ones', () => {
    const whole = fc.maxSafeInteger();
    fc.assert(
      fc.property(fc.array(whole), (values) => {
        const expected = values.map((value) => value + 0); // -0 is 0
        expect(stored(Float64Array.from(values), 'int64')).toEqual(expected);
      }),
    );
    const limits = [2 ** 53, -(2 ** 53)];
    expect(stored(Float64Array.from(limits), 'int64')).toEqual(limits);
    expect(stored(Float64Array.of(2 ** 53), 'uint64')).toEqual([2 ** 53]);
    for (const value of [2n ** 53n + 1n, 2n ** 62n]) {
      const bytes = new Uint8Array(BigInt64Array.of(1n, value).buffer);
      expect(() => decodeNumbers(bytes, 'int64', 'X/data')).toThrow(
        `X/data: the 64-bit integer ${value} (stored value 1)`,
      );
    }
    const below = new Uint8Array(BigInt64Array.of(-(2n ** 53n) - 1n).buffer);
    expect(() => decodeNumbers(below, 'int64', 'X/data')).toThrow(/-9007199254740993/);
  });

  it('refuses values that a dtype does not hold', () => {
    for (const [value, dtype] of [
      [1.5, 'int32'],
      [-1, 'uint8'],
      [300, 'int8'],
      [-1, 'uint64'],
      [0.5, 'int64'],
      [NaN, 'int16'],
    ] as const) {
      expect(() => encodeNumbers(Float64Array.of(value), dtype, 'obs/n')).toThrow(
        /obs\/n: the value .* cannot be stored/,
      );
    }
  });
});
