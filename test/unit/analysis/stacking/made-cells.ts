/** @file Cells of three made types, for what judges types. */

import type { SparseRows } from '../../../../src/single-cell/matrix.ts';
import { randomStream } from '../../../../src/support/random.ts';

export const genes = 60;

/** ln(1 + 10,000 share) of cells of three types, each with twenty genes of its own, and cells of many depths. */
export function cells(count: number, seed: number, types = 3): { entries: SparseRows; labels: Int32Array } {
  const random = randomStream(seed, 'cells');
  const labels = Int32Array.from({ length: count }, (_, cell) => cell % types);
  const indptr = new Int32Array(count + 1);
  const indices: number[] = [];
  const values: number[] = [];
  labels.forEach((label, cell) => {
    const counts = new Int32Array(genes);
    const depth = 30 + random.integer(200);
    for (let i = 0; i < depth; i++) {
      const own = random.uniform() < 0.4;
      counts[own ? 20 * label + random.integer(20) : random.integer(genes)]++;
    }
    counts.forEach((value, gene) => {
      if (value === 0) return;
      indices.push(gene);
      values.push(Math.log1p((1e4 * value) / depth));
    });
    indptr[cell + 1] = indices.length;
  });
  const entries = {
    start: 0,
    rowCount: count,
    columnCount: genes,
    indptr,
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  };
  return { entries, labels };
}
