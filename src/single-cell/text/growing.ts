/** @file Lists of numbers that grow as text is read. */

import { emptyLike, type NumericArray } from '../matrix.ts';

/** Makes room for one more number, half as much again. */
function grown<Kind extends NumericArray>(list: Kind): Kind {
  const larger = emptyLike(list, Math.ceil(list.length * 1.5) + 1024);
  larger.set(list);
  return larger;
}

/** Values kept as float32 while that changes none of them, as float64 from the first that needs it. */
export class GrowingValues {
  private list: Float32Array | Float64Array = new Float32Array(1024);
  private narrow = true;
  private count = 0;

  push(value: number): void {
    if (this.narrow && Math.fround(value) !== value) {
      this.list = Float64Array.from(this.list);
      this.narrow = false;
    }
    if (this.count === this.list.length) this.list = grown(this.list);
    this.list[this.count++] = value;
  }

  /** A view of what was pushed. */
  get values(): Float32Array | Float64Array {
    return this.list.subarray(0, this.count);
  }
}

/** Indices, such as columns. */
export class GrowingIndices {
  private list = new Int32Array(1024);
  private count = 0;

  push(index: number): void {
    if (this.count === this.list.length) this.list = grown(this.list);
    this.list[this.count++] = index;
  }

  get length(): number {
    return this.count;
  }

  /** A view of what was pushed. */
  get values(): Int32Array {
    return this.list.subarray(0, this.count);
  }
}
