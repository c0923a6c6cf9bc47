/** @file Numbers out of the bytes of text, without making strings of the usual ones. */

const zero = 0x30;
const nine = 0x39;
const point = 0x2e;
const minus = 0x2d;

/** Powers of ten that doubles hold exactly. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** No number in a table is longer. */
const longestNumber = 512;

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The decimal number written in bytes `from` .. `to - 1`; NaN when it is none.
 *
 * Where the digits and the power of ten are exact doubles, their quotient is computed: it is the double nearest to
 * what is written, as any correct parser gives it.
 */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  let digits = 0;
  let value = 0;
  let decimals = -1;
  const negative = bytes[from] === minus;
  for (let i = negative ? from + 1 : from; i < to; i++) {
    const byte = bytes[i];
    if (byte >= zero && byte <= nine) {
      value = value * 10 + (byte - zero);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (byte === point && decimals < 0) {
      decimals = 0;
    } else {
      return parseText(bytes, from, to);
    }
  }
  if (digits === 0 || value > Number.MAX_SAFE_INTEGER || decimals >= powers.length)
    return parseText(bytes, from, to);
  if (decimals > 0) value /= powers[decimals];
  return negative ? -value : value;
}

function parseText(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > longestNumber) return Number.NaN;
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]);
  text = text.trim();
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN; // 1e999 is not a number that can be kept
}
