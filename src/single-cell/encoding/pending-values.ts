/** @file Values on their way into a growing array, kept until they fill chunks. */

import { emptyLike, type NumericArray } from '../matrix.ts';

/** A queue of values: added in pieces of any length, taken in others. */
export class PendingValues {
  private readonly pieces: NumericArray[] = [];
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** The values must not change afterwards. */
  add(values: NumericArray): void {
    if (values.length === 0) return;
    this.pieces.push(values);
    this.count += values.length;
  }

  /** The first `count` values in one array; there must be as many. */
  take(count: number): NumericArray {
    const taken = emptyLike(this.pieces[0], count);
    let filled = 0;
    while (filled < count) {
      const next = this.pieces[0];
      const part = next.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === next.length) this.pieces.shift();
      else this.pieces[0] = next.subarray(part.length);
    }
    this.count -= count;
    return taken;
  }
}
