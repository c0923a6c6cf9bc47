/** @file What every method of panel completion is: fitted to cells with all genes, it tells the missing ones of others. */

import type { RunControl } from '../../../support/progress.ts';
import type { IncompleteExpression } from '../incomplete-expression.ts';
import type { ImputedRows } from '../method.ts';

/** Cells that have all genes; the same cells in the same order on both sides. */
export interface PanelReference {
  /** Genes that the query has too, in the query's order. */
  readonly visible: IncompleteExpression; // [cells, visible genes]
  /** Genes that the query lacks. */
  readonly hidden: IncompleteExpression; // [cells, hidden genes]
}

/** What is known of hidden genes when predictions are scored. */
export interface PanelTruth {
  readonly reference: IncompleteExpression; // [cells, hidden genes]
  readonly query: IncompleteExpression; // [cells, hidden genes]
}

/** A method that completes panels. */
export interface PanelMethod {
  /** In files, such as `pls-10`. */
  readonly id: string;
  /** In tables. */
  readonly name: string;
  /** Learns from the reference and writes, of each query cell, the expected logged value of each hidden gene. */
  fit(reference: PanelReference, query: IncompleteExpression, control?: RunControl): Promise<ImputedRows>;
}
