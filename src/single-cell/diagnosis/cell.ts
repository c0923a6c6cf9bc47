/** @file What a diagnosis takes from one cell: its total, and whether its values are multiples of one unit, on every scale. */

import { type Scale, scales } from './scales.ts';

/** One cell on one scale. */
export interface CellOnScale {
  readonly sum: number;
  /** All values are whole multiples of the smallest, as counts are after division by a size factor. */
  readonly multiples: boolean;
  /** How many values are whole numbers. */
  readonly whole: number;
}

/** What is kept of one cell. */
export interface CellMeasures {
  /** The number of non-zero values. */
  readonly values: number;
  /** Share of these that equal the smallest: counts tie, also after a logarithm; corrected values do not. */
  readonly smallestShare: number;
  /** The values are log(1 + count / g) with g the geometric mean of 1 + count: a centred log-ratio (Stoeckius et al. 2017). */
  readonly centredLogRatio: boolean;
  /** In the order of {@link scales}; null where a scale makes no sense for the cell. */
  readonly onScales: readonly (CellOnScale | null)[];
}

/** The slack for whole multiples in single precision. */
export function isNearlyWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-3;
}

/**
 * Measures one cell.
 *
 * @param values its non-zero, finite values
 * @param genes how many genes the matrix has
 */
export function measureCell(values: Float64Array, genes: number): CellMeasures {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  let ties = 0;
  for (const value of values) {
    if (value < smallest) {
      smallest = value;
      ties = 0;
    }
    if (value === smallest) ties++;
    if (value > largest) largest = value;
  }
  const onScales = scales.map((scale) => {
    const fits = scale.name === 'linear' || (smallest > 0 && largest <= scale.largest);
    return fits ? measureOnScale(values, scale, smallest) : null;
  });
  const unlogged = onScales[1];
  return {
    values: values.length,
    smallestShare: values.length === 0 ? 0 : ties / values.length,
    centredLogRatio: unlogged?.multiples === true && isCentredLogRatio(values, smallest, genes),
    onScales,
  };
}

function measureOnScale(values: Float64Array, { name, undo }: Scale, smallest: number): CellOnScale {
  const unit = undo(smallest);
  // What single precision leaves of a number once a logarithm is undone.
  const slack = name === 'linear' ? 0 : 1e-5;
  let sum = 0;
  let multiples = smallest > 0;
  let whole = 0;
  for (const value of values) {
    const undone = undo(value);
    sum += undone;
    if (multiples && !isNearlyWhole(undone / unit)) multiples = false;
    if (Math.abs(undone - Math.round(undone)) <= 1e-6 + slack * undone) whole++;
  }
  return { sum, multiples, whole };
}

/** Takes the smallest value for a count of one: then 1 / g is that value, and g must follow from all counts. */
function isCentredLogRatio(values: Float64Array, smallest: number, genes: number): boolean {
  const unit = Math.expm1(smallest);
  let logarithms = 0;
  for (const value of values) logarithms += Math.log1p(Math.round(Math.expm1(value) / unit));
  return values.length > 1 && isNearlyWhole(unit * Math.exp(logarithms / genes)) && unit < 1;
}
