/** @file Value binning: a cell's expression values become ranks relative to the cell's own distribution. */

import { InputError, UsageError } from '../support/errors.ts';
import type { NumericArray } from './matrix.ts';
import { quantile } from './quantile.ts';
import { Float32Sorter } from './sort.ts';

/**
 * What happens to values that several bin edges equal, as most counts of a cell are:
 *
 * - `left`: the highest of those bins, without chance (the code that pretrained the published models);
 * - `random`: any of those bins, drawn for each value (the published release);
 * - `midpoint`: the mean of those bins, which `random` has as its expectation.
 */
export type BinningMode = 'left' | 'random' | 'midpoint';

/** Draws uniformly over [0, 1). */
export type UniformDraw = () => number;

/**
 * Bins the non-zero values of one cell at a time (Cui et al. 2024, Methods, "Expression values"): the edges are
 * the quantiles of the cell's non-zero values, so that bins hold equally many; zero stays 0, the others become
 * 1 .. binCount - 1. Bins depend on the order of values only, so raw and log-transformed values give the same, but
 * for an edge that should equal a value and that rounding puts beside it.
 *
 * Keeps its work space, so that binning many cells allocates nothing.
 */
export class ValueBinner {
  /** Bins including the one of zero: 51 in the published models. */
  readonly binCount: number;
  readonly mode: BinningMode;
  /** The edges of the cell binned last, ascending: meaningless before and for a cell without non-zero values. */
  readonly edges: Float64Array; // [binCount - 1]
  private readonly levels: Float64Array;
  private readonly sorter = new Float32Sorter();
  private doubles = new Float64Array(0);
  private sorted: Float32Array | Float64Array = this.doubles;
  private nonZeroCount = 0;

  /** @throws UsageError when `binCount` is no whole number of at least 2. */
  constructor(binCount: number, mode: BinningMode) {
    if (!Number.isInteger(binCount) || binCount < 2) {
      throw new UsageError({
        what: `the number of bins is ${binCount}`,
        where: 'binning',
        expected: 'a whole number of at least 2: one bin for zero and one for other values',
        advice: 'The published models use 51.',
        reason: 'bin_count',
      });
    }
    this.binCount = binCount;
    this.mode = mode;
    this.edges = new Float64Array(binCount - 1);
    this.levels = quantileLevels(binCount - 1);
  }

  /**
   * Writes the bin of each value. Negative values are binned as any other; expression is checked by the callers,
   * who can name cell and gene.
   *
   * Float32 values are subtracted in float32 before interpolating, all others in float64, as numpy does: one unit
   * in the last place of an edge moves a value to another bin.
   *
   * @param values a cell's values, zeros included or not
   * @param out takes as many bins, from its start; may be `values` itself
   * @param uniform called once for each non-zero value, in their order; needed for mode `random` only
   * @throws InputError on NaN, infinite values, or values that are all negative or zero but not all zero
   */
  bin(values: NumericArray, out: NumericArray, uniform?: UniformDraw): void {
    if (this.mode === 'random' && uniform === undefined) {
      throw new UsageError({ what: 'random bins need a source of draws', where: 'binning' });
    }
    if (values instanceof Float32Array) this.sortSingle(values);
    else this.sortDouble(values);
    if (this.nonZeroCount === 0) {
      out.fill(0, 0, values.length);
      return;
    }
    checkRange(this.sorted[0], this.sorted[this.nonZeroCount - 1]);
    this.findEdges(values instanceof Float32Array);
    for (let i = 0; i < values.length; i++) {
      out[i] = values[i] === 0 ? 0 : this.binOf(values[i], uniform);
    }
  }

  private binOf(value: number, uniform: UniformDraw | undefined): number {
    const { edges, mode } = this;
    let left = 0; // becomes the number of edges <= value
    let high = edges.length;
    while (left < high) {
      const middle = (left + high) >>> 1;
      if (edges[middle] <= value) left = middle + 1;
      else high = middle;
    }
    if (mode === 'left') return left;
    let right = left; // becomes the number of edges < value
    while (right > 0 && edges[right - 1] === value) right--;
    if (mode === 'midpoint') return left > right ? (right + 1 + left) / 2 : left;
    return Math.ceil(uniform!() * (right - left) + left); // uniform over right + 1 .. left
  }

  private sortSingle(values: Float32Array): void {
    this.nonZeroCount = copyNonZero(values, this.sorter.input(values.length));
    this.sorted = this.sorter.sort(this.nonZeroCount);
  }

  private sortDouble(values: NumericArray): void {
    if (this.doubles.length < values.length) this.doubles = new Float64Array(2 * values.length);
    this.nonZeroCount = copyNonZero(values, this.doubles);
    this.doubles.subarray(0, this.nonZeroCount).sort();
    this.sorted = this.doubles;
  }

  private findEdges(single: boolean): void {
    for (let k = 0; k < this.edges.length; k++) {
      this.edges[k] = quantile(this.sorted, this.nonZeroCount, this.levels[k], single);
    }
  }
}

/** Equally spaced levels 0 .. 1 with numpy's rounding; the last is exactly 1. A single level is 0. */
function quantileLevels(count: number): Float64Array {
  const levels = new Float64Array(count);
  const step = 1 / (count - 1);
  for (let k = 1; k < count; k++) levels[k] = k === count - 1 ? 1 : k * step;
  return levels;
}

/** Copies the values that are not zero and returns how many there are. */
function copyNonZero(values: NumericArray, work: Float32Array | Float64Array): number {
  let length = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    if (!Number.isFinite(values[i])) {
      throw new InputError({
        what: `value ${i} is ${values[i]}`,
        where: 'binning',
        expected: 'finite numbers',
        reason: 'not_finite',
      });
    }
    work[length++] = values[i];
  }
  return length;
}

function checkRange(smallest: number, largest: number): void {
  if (largest > 0) return;
  throw new InputError({
    what: `no value is above zero, the smallest is ${smallest}`,
    where: 'binning',
    expected: 'expression values of at least 0',
    advice: 'Scaled data cannot be binned: use counts or log-normalised values.',
    reason: 'negative_value',
  });
}
