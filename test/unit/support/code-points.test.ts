import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCodePoints } from '../../../src/support/code-points.ts';

describe('compareCodePoints', () => {
  it('orders text as its UTF-8 bytes are ordered', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareCodePoints('\uFF21', '\u{1F9EC}')).toBeLessThan(0);
  });
});
