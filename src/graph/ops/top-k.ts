/** @file The largest values of each row, and where they are. */

import type { Value } from '../graph.ts';
import { refuse, requireDtype } from './check.ts';

/** The `k` largest along the last dimension, largest first; of equal ones the earlier comes first. */
export interface TopK {
  readonly values: Value; // [..., k]
  /** Their places along the last dimension, int64. */
  readonly indices: Value; // [..., k]
}

/** Finds the largest values; they have no gradient. */
export function topK(x: Value, k: number): TopK {
  requireDtype('topK', x, 'float32');
  const size = x.shape.at(-1);
  if (!Number.isInteger(k) || k < 1 || size === undefined || (typeof size === 'number' && size < k)) {
    refuse('topK', `at least ${k} values along the last dimension, one or more of them wanted`, x);
  }
  const shape = [...x.shape.slice(0, -1), k];
  const [values, indices] = x.graph.apply(
    { kind: 'topK', k },
    [x],
    [
      { dtype: 'float32', shape },
      { dtype: 'int64', shape },
    ],
  );
  return { values, indices };
}
