/** @file Two streams of token rows, known and unknown genes, and computations that treat each row alone. */

import type { Value } from '../graph/graph.ts';

/** Rows of known genes and rows of unknown genes of the same cells. */
export interface Streams {
  /** `[cells, known, d]` */
  readonly known: Value;
  /** `[cells, unknown, d]` */
  readonly unknown: Value;
}

/**
 * A computation that treats each row alone, over the rows of all operands that stand at the same place.
 *
 * The streams stay apart. Joining them, so that each weight is multiplied once instead of twice, gives the same bits,
 * but copying rows together and apart again costs more than it saves: on a CPU the pass took a fifth longer.
 */
export function rowwise(
  compute: (...rows: readonly Value[]) => Value,
  ...operands: readonly Streams[]
): Streams {
  return {
    known: compute(...operands.map(({ known }) => known)),
    unknown: compute(...operands.map(({ unknown }) => unknown)),
  };
}
