/** @file What every method of imputation is: fitted to incomplete cells, it gives a cell's expression of all genes. */

import type { RunControl } from '../../support/progress.ts';
import type { IncompleteExpression } from './incomplete-expression.ts';

/** Writes what a method expects of a cell: ln(1 + 10,000 count / total) of every gene. */
export type ImputedRows = (cell: number, into: Float64Array) => void; // into [genes]

/** A method that imputes. */
export interface ImputationMethod {
  /** In files, such as `knn-rate`. */
  readonly id: string;
  /** In tables. */
  readonly name: string;
  /**
   * Whether it answers what the value is if the gene is expressed at all, and not what is expected of it, zeros among
   * that. Only scores of methods that answer the same question are to be compared over all cells.
   */
  readonly givenNonZero: boolean;
  fit(expression: IncompleteExpression, control?: RunControl): Promise<ImputedRows>;
}
