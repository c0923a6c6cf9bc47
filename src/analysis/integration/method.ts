/** @file What every method that integrates batches is given, and what it gives: expression in, one vector a cell out. */

import type { Expression } from '../expression.ts';
import type { Grouping } from '../groups.ts';
import type { Points } from '../points.ts';

/** Cells of several batches. */
export interface BatchedExpression {
  readonly expression: Expression; // [cells, genes]
  /** Every cell has one. */
  readonly batch: Grouping; // [cells]
  /** Dimensions of the embedding; the benchmark's methods have 30. */
  readonly dimensions: number;
  /** Of whatever is drawn at random. */
  readonly seed: number;
}

/** An embedding in which batches are (or, for the plain baseline, are not) mixed. */
export interface Integrated {
  readonly points: Points; // [cells, dimensions]
  /** What was done, in words. */
  readonly method: string;
}
