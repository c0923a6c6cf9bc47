/** @file Two streams of token rows, known and unknown genes, and computations that treat each row alone. */

import type { Value } from '../graph/graph.ts';
import { concat, slice } from '../graph/ops/shape.ts';

/** Rows of known genes and rows of unknown genes of the same cells. */
export interface Streams {
  /** `[cells, known, d]` */
  readonly known: Value;
  /** `[cells, unknown, d]` */
  readonly unknown: Value;
  /** Both, the known first, `[cells, known + unknown, d]`: only where the number of known rows is fixed. */
  readonly joined: Value | undefined;
}

/** Brings two streams together. */
export function streams(known: Value, unknown: Value): Streams {
  const fixed = typeof known.shape[1] === 'number'; // one cannot be cut off again at a named size
  return { known, unknown, joined: fixed ? concat([known, unknown], 1) : undefined };
}

/**
 * A computation that treats each row alone, over operands laid out alike: once over both streams where they are joined,
 * so that each weight is multiplied (and its gradient summed) once, else over one stream after the other.
 */
export function rowwise(
  compute: (...operands: readonly Value[]) => Value,
  ...operands: readonly Streams[]
): Streams {
  const joined = operands.flatMap((operand) => operand.joined ?? []);
  if (joined.length < operands.length) {
    const known = compute(...operands.map((operand) => operand.known));
    return { known, unknown: compute(...operands.map((operand) => operand.unknown)), joined: undefined };
  }
  const rows = compute(...joined);
  const size = Number(operands[0].known.shape[1]);
  return { known: slice(rows, 1, 0, size), unknown: slice(rows, 1, size), joined: rows };
}
