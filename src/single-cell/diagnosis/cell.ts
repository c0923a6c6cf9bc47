/** @file What a diagnosis takes from one cell: its total, and whether its values are multiples of one unit, on every scale. */

import { type Scale, scales } from './scales.ts';

/** A cell's non-zero, finite values and how often each comes: counts tie, so these are few. */
export type CellValues = ReadonlyMap<number, number>;

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

/** Measures one cell of a matrix with so many genes. */
export function measureCell(cell: CellValues, genes: number): CellMeasures {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  let values = 0;
  for (const [value, times] of cell) {
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
    values += times;
  }
  const onScales = scales.map((scale) => {
    const fits = scale.name === 'linear' || (smallest > 0 && largest <= scale.largest);
    return fits ? measureOnScale(cell, scale, smallest) : null;
  });
  const unlogged = onScales[scales.findIndex(({ name }) => name === 'expm1')];
  return {
    values,
    smallestShare: values === 0 ? 0 : cell.get(smallest)! / values,
    centredLogRatio: unlogged?.multiples === true && isCentredLogRatio(cell, smallest, genes),
    onScales,
  };
}

function measureOnScale(cell: CellValues, { name, undo }: Scale, smallest: number): CellOnScale {
  const unit = undo(smallest);
  // What single precision leaves of a number once a logarithm is undone; beyond 0.05 it would prove nothing.
  const slack = name === 'linear' ? 0 : 1e-6;
  let sum = 0;
  let multiples = smallest > 0;
  let whole = 0;
  for (const [value, times] of cell) {
    const undone = undo(value);
    sum += times * undone;
    if (multiples && !isNearlyWhole(undone / unit)) multiples = false;
    if (Math.abs(undone - Math.round(undone)) <= Math.min(0.05, 1e-6 + slack * undone)) whole += times;
  }
  return { sum, multiples, whole };
}

/** Takes the smallest value for a count of one: then 1 / g is that value, and g must follow from all counts. */
function isCentredLogRatio(cell: CellValues, smallest: number, genes: number): boolean {
  const unit = Math.expm1(smallest);
  let logarithms = 0;
  for (const [value, times] of cell) logarithms += times * Math.log1p(Math.round(Math.expm1(value) / unit));
  return cell.size > 1 && unit < 1 && isNearlyWhole(unit * Math.exp(logarithms / genes));
}

function isNearlyWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-3;
}
