/** @file CRC-32 against its published check value. */

import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src/support/crc32.ts';

describe('crc32', () => {
  it('gives the known sums, in one go and in pieces', () => {
    const check = new TextEncoder().encode('123456789');
    expect(crc32(check)).toBe(0xcbf43926);
    expect(crc32(new Uint8Array())).toBe(0);
    const long = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
    for (const cut of [1, 15, 16, 17, 500])
      expect(crc32(long.subarray(cut), crc32(long.subarray(0, cut)))).toBe(crc32(long));
  });
});
