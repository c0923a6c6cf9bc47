/** @file Normalising cells to a common total, and the logarithm that usually follows. */

import { InputError, UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Matrix } from '../matrix.ts';
import { median } from '../quantile.ts';
import { countTotals } from './filter.ts';
import { eachBlock } from './pass.ts';
import { computedDtype, withValues } from './views.ts';

/** A matrix whose cells have one total. */
export interface Normalized {
  /** Computed as rows are read. */
  readonly matrix: Matrix;
  /** The total each cell is brought to. */
  readonly target: number;
  /** The totals before. */
  readonly totals: Float64Array;
}

/**
 * Scales every cell to the total `target`; cells without counts stay empty.
 *
 * @param target a number, 1e4 by custom, or the median of the totals of cells with counts
 * @throws UsageError when the target is no positive number
 * @throws InputError when values are negative or not finite, or no cell has counts to take a median of
 */
export async function normalizeTotal(
  matrix: Matrix,
  target: number | 'median',
  control?: RunControl,
): Promise<Normalized> {
  if (target !== 'median' && !(target > 0 && target < Number.POSITIVE_INFINITY)) {
    throw new UsageError({
      what: `the total to normalise to is ${target}`,
      expected: "a positive number, or 'median'",
      reason: 'target_total',
    });
  }
  const { cells: totals } = await countTotals(matrix, control);
  const common = target === 'median' ? median(totals.filter((total) => total > 0)) : target;
  if (Number.isNaN(common)) {
    throw new InputError({
      what: 'no cell has any counts',
      where: 'normalising to the median total',
      reason: 'no_counts',
    });
  }
  const normalized = withValues(matrix, computedDtype(matrix.dtype), (block, out) => {
    for (let row = 0; row < block.rowCount; row++) {
      const total = totals[block.start + row];
      const factor = total > 0 ? common / total : 1;
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) out[i] = block.values[i] * factor;
    }
  });
  return { matrix: normalized, target: common, totals };
}

/** The natural logarithm of 1 + value, computed as rows are read. */
export function log1p(matrix: Matrix): Matrix {
  return withValues(matrix, computedDtype(matrix.dtype), (block, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.log1p(block.values[i]);
  });
}

/** Above this no logarithm of counts is found: e^20 molecules are more than any cell has. */
const largestLogarithm = 20;

/**
 * Whether values look like logarithms of expression: none negative, some fractional, none above 20, and cells
 * without a common total (which would make them normalised, not logged). The reference's own check says "not
 * logged" of deep log-normalised data and "logged" of fractions.
 *
 * Protein and other data can pass too: for a verdict with reasons, diagnose the input.
 */
export async function looksLogged(matrix: Matrix, control?: RunControl): Promise<boolean> {
  let largest = 0;
  let fractional = false;
  let negative = false;
  let smallestTotal = Number.POSITIVE_INFINITY;
  let largestTotal = 0;
  await eachBlock(
    matrix,
    'looking for logarithms',
    (block) => {
      for (let row = 0; row < block.rowCount; row++) {
        let total = 0;
        for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
          const value = block.values[i];
          total += value;
          largest = Math.max(largest, value);
          if (value < 0) negative = true;
          if (!Number.isInteger(value)) fractional = true;
        }
        if (total === 0) continue;
        smallestTotal = Math.min(smallestTotal, total);
        largestTotal = Math.max(largestTotal, total);
      }
    },
    control,
  );
  const commonTotal = matrix.shape[0] > 1 && largestTotal - smallestTotal <= 1e-3 * largestTotal;
  return fractional && !negative && largest <= largestLogarithm && !commonTotal;
}
