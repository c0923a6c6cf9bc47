/** @file Numbers as people read them. */

import { count } from '../support/words.ts';

/** Keeps a number and its unit on one line. */
const space = '\u00a0';

/** A share as percent, `94.0 %`; NaN as a dash. What is less than all is never rounded to 100. */
export function percent(share: number, digits = 1): string {
  if (Number.isNaN(share)) return '–';
  const text = (100 * share).toFixed(digits);
  if (share < 1 && Number(text) === 100) return `>${(100 - 10 ** -digits).toFixed(digits)}${space}%`;
  return `${text}${space}%`;
}

/** A score with three digits; NaN as a dash. */
export function score(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(3).replace('-', '−');
}

/** A time: `0.4 s`, `12 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}${space}s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole}${space}s` : `${Math.floor(whole / 60)}${space}min ${whole % 60}${space}s`;
}

/** How a value is written. */
export type Unit = 'score' | 'share' | 'count' | 'number' | 'seconds';

/** A value in its unit; NaN as a dash. */
export function inUnit(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '–';
  switch (unit) {
    case 'score':
      return score(value);
    case 'share':
      return percent(value);
    case 'count':
      return count(value);
    case 'seconds':
      return duration(value);
    case 'number':
      return significant(value, 3);
  }
}

/** A value with so many significant digits and no more zeros than it needs: `0.0378`, `2.52e−6`. */
export function significant(value: number, digits: number): string {
  const short = Number(value.toPrecision(digits));
  const small = short !== 0 && Math.abs(short) < 1e-4;
  return (small ? short.toExponential() : String(short)).replaceAll('-', '−');
}
