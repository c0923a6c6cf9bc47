/** @file Sorted lists of the nearest points seen so far, which a search fills. */

/** For each point its `k` nearest of those offered; equally near ones are in the order of their rows. */
export class NearestSoFar {
  readonly indices: Int32Array; // [count, k]
  readonly squared: Float64Array; // [count, k]
  private readonly k: number;

  /** @param offered how many points there are to be offered, at least `k` */
  constructor(count: number, k: number, offered: number) {
    this.k = k;
    this.indices = new Int32Array(count * k).fill(offered); // beyond any row, so that rows come before it
    this.squared = new Float64Array(count * k).fill(Number.POSITIVE_INFINITY);
  }

  /** Puts `other` into the list of `point` if it is near enough. */
  offer(point: number, other: number, square: number): void {
    const { indices, squared, k } = this;
    const first = point * k;
    let place = first + k - 1;
    if (square > squared[place] || (square === squared[place] && other > indices[place])) return;
    while (place > first) {
      const before = place - 1;
      if (squared[before] < square || (squared[before] === square && indices[before] < other)) break;
      squared[place] = squared[before];
      indices[place] = indices[before];
      place = before;
    }
    squared[place] = square;
    indices[place] = other;
  }

  /** The nearest of a point, nearest first: a copy. */
  of(point: number): Int32Array {
    return this.indices.slice(point * this.k, (point + 1) * this.k);
  }
}
