/** @file A linear support vector machine of two sides, fitted by dual coordinate descent. */

import type { SparseRows } from '../../single-cell/matrix.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Random } from '../../support/random.ts';

/** What separates the sides: a row's decision value is row x coefficients + intercept. */
export interface Separation {
  readonly coefficients: Float64Array; // [columns]
  readonly intercept: number;
}

/** Of the projected gradient, and the most passes; liblinear's. */
const tolerance = 1e-4;
const mostPasses = 1000;
const negligible = 1e-12;

/**
 * Minimises |coefficients|^2 / 2 + intercept^2 / 2 + C * sum of squared hinge losses (Hsieh et al. 2008, algorithm 3:
 * rows in random order, those that look settled left out until the end).
 *
 * @param sides 1 or -1 of every row
 * @throws CancelledError when the control's signal is aborted
 */
export async function separate(
  entries: SparseRows,
  sides: Int8Array,
  C: number,
  random: Random,
  { signal }: RunControl = {},
): Promise<Separation> {
  const dual = new Dual(entries, sides, C);
  const order = Int32Array.from(sides.keys());
  let active = order.length;
  let settledAbove = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < mostPasses; pass++) {
    await breathe();
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while fitting' });
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    random.shuffle(order.subarray(0, active));
    for (let place = 0; place < active; place++) {
      const row = order[place];
      const gradient = dual.gradient(row);
      if (dual.isIdle(row) && gradient > settledAbove) {
        active--;
        swap(order, place, active);
        place--;
        continue;
      }
      const slope = dual.isIdle(row) ? Math.min(gradient, 0) : gradient;
      lowest = Math.min(lowest, slope);
      highest = Math.max(highest, slope);
      if (Math.abs(slope) > negligible) dual.step(row, gradient);
    }
    settledAbove = highest > 0 ? highest : Number.POSITIVE_INFINITY;
    if (highest - lowest > tolerance) continue;
    if (active === order.length) break;
    active = order.length;
    settledAbove = Number.POSITIVE_INFINITY;
  }
  return dual.separation();
}

/** The dual variables, one a row and none negative, and the coefficients they add up to. */
class Dual {
  private readonly entries: SparseRows;
  private readonly sides: Int8Array;
  private readonly variables: Float64Array; // [rows]
  private readonly curvatures: Float64Array; // [rows]
  private readonly coefficients: Float64Array; // [columns]
  private intercept = 0;
  private readonly diagonal: number;

  constructor(entries: SparseRows, sides: Int8Array, C: number) {
    const { rowCount, columnCount, indptr, values } = entries;
    this.entries = entries;
    this.sides = sides;
    this.diagonal = 1 / (2 * C);
    this.variables = new Float64Array(rowCount);
    this.coefficients = new Float64Array(columnCount);
    this.curvatures = new Float64Array(rowCount).fill(1 + this.diagonal);
    for (let row = 0; row < rowCount; row++) {
      for (let i = indptr[row]; i < indptr[row + 1]; i++) this.curvatures[row] += values[i] * values[i];
    }
  }

  /** True for a row that takes no part in the coefficients. */
  isIdle(row: number): boolean {
    return this.variables[row] === 0;
  }

  gradient(row: number): number {
    const { indptr, indices, values } = this.entries;
    let decision = this.intercept;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) decision += values[i] * this.coefficients[indices[i]];
    return this.sides[row] * decision - 1 + this.variables[row] * this.diagonal;
  }

  /** Moves one variable to its optimum, the others held. */
  step(row: number, gradient: number): void {
    const { indptr, indices, values } = this.entries;
    const before = this.variables[row];
    this.variables[row] = Math.max(before - gradient / this.curvatures[row], 0);
    const change = (this.variables[row] - before) * this.sides[row];
    this.intercept += change;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) this.coefficients[indices[i]] += change * values[i];
  }

  separation(): Separation {
    return { coefficients: this.coefficients, intercept: this.intercept };
  }
}

function swap(order: Int32Array, a: number, b: number): void {
  const kept = order[a];
  order[a] = order[b];
  order[b] = kept;
}
