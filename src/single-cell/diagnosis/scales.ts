/** @file The scales expression values come in, and how to undo each: a diagnosis looks for the one whose totals make sense. */

/** A scale, named by what undoes it. */
export type ScaleName = 'linear' | 'expm1' | 'exp2m1' | 'exp10m1' | 'expm1_twice';

/** A way back to the linear scale. */
export interface Scale {
  readonly name: ScaleName;
  readonly undo: (value: number) => number;
  /** The largest value for which the result still means something; logarithms have none below zero. */
  readonly largest: number;
}

export const scales: readonly Scale[] = [
  { name: 'linear', undo: (value) => value, largest: Number.POSITIVE_INFINITY },
  { name: 'expm1', undo: Math.expm1, largest: 50 },
  { name: 'exp2m1', undo: (value) => 2 ** value - 1, largest: 50 },
  { name: 'exp10m1', undo: (value) => 10 ** value - 1, largest: 50 },
  { name: 'expm1_twice', undo: (value) => Math.expm1(Math.expm1(value)), largest: 5 },
];
