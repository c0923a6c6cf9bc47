/** @file Sparse rows in the form that everything downstream relies on: sorted columns, none twice. */

import type { SparseRows } from '../matrix.ts';

/** The block itself if it is canonical already; otherwise a copy, sorted and with repeated entries summed. */
export function canonicalRows(block: SparseRows): SparseRows {
  return isCanonical(block) ? block : canonicalCopy(block);
}

function isCanonical({ rowCount, indptr, indices }: SparseRows): boolean {
  for (let row = 0; row < rowCount; row++) {
    for (let i = indptr[row] + 1; i < indptr[row + 1]; i++) if (indices[i] <= indices[i - 1]) return false;
  }
  return true;
}

function canonicalCopy(block: SparseRows): SparseRows {
  const indptr = new Int32Array(block.rowCount + 1);
  const indices = new Int32Array(block.indices.length);
  const values = block.values.slice();
  let entries = 0;
  for (let row = 0; row < block.rowCount; row++) {
    const begin = block.indptr[row];
    const order = Int32Array.from({ length: block.indptr[row + 1] - begin }, (_, i) => begin + i);
    order.sort((a, b) => block.indices[a] - block.indices[b]);
    for (const i of order) {
      if (entries > indptr[row] && indices[entries - 1] === block.indices[i]) {
        values[entries - 1] += block.values[i];
      } else {
        indices[entries] = block.indices[i];
        values[entries++] = block.values[i];
      }
    }
    indptr[row + 1] = entries;
  }
  return { ...block, indptr, indices: indices.slice(0, entries), values: values.slice(0, entries) };
}
