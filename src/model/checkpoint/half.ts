/** @file The 16-bit float formats: float16 and bfloat16 to float32 and back, by bits. */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** float32 bits of every float16 there is. */
let float16Table: Uint32Array | undefined;

function makeFloat16Table(): Uint32Array {
  const table = new Uint32Array(0x10000);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = (bits & 0x8000) << 16;
    const exponent = (bits >>> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) {
      scratch[0] = fraction * 2 ** -24;
      table[bits] = scratchBits[0] | sign;
    } else {
      const wide = exponent === 0x1f ? 0xff : exponent + 112; // the biases are 15 and 127
      table[bits] = sign | (wide << 23) | (fraction << 13);
    }
  }
  return table;
}

/** The float32 values of float16 bits; every one has an exact counterpart. */
export function float16ToFloat32(half: Uint16Array): Float32Array {
  float16Table ??= makeFloat16Table();
  const bits = new Uint32Array(half.length);
  for (let i = 0; i < half.length; i++) bits[i] = float16Table[half[i]];
  return new Float32Array(bits.buffer);
}

/** The float32 values of bfloat16 bits: the upper halves of the same numbers. */
export function bfloat16ToFloat32(half: Uint16Array): Float32Array {
  const bits = new Uint32Array(half.length);
  for (let i = 0; i < half.length; i++) bits[i] = half[i] << 16;
  return new Float32Array(bits.buffer);
}

/** float16 bits of float32 values, rounded to the nearest, ties to even, as torch does; beyond 65,504 infinity. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = roundToFloat16(bits[i]);
  return result;
}

function roundToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65,536 and more
  if (magnitude >= 0x38800000) {
    // Normal: drop 13 bits; a carry out of the fraction correctly raises the exponent.
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  }
  if (magnitude < 0x33000000) return sign; // below half of the smallest subnormal
  // Subnormal: units of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}
