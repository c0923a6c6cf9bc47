/** @file Hidden genes of a cell as the mean of the reference's cells most like it. */

import { nearestReferences } from '../../label-transfer.ts';
import type { PanelMethod } from './method.ts';
import { sharedComponents } from './shared-components.ts';

/** The mean of logged values of the `k` nearest reference cells in 30 principal components. */
export const nearestReferenceCells = (k: number): PanelMethod => ({
  id: `knn-regression-${k}`,
  name: `kNN regression (k=${k}, 30 PCs)`,
  async fit({ visible, hidden }, query, control) {
    const shared = await sharedComponents(visible, query, control);
    const near = await nearestReferences(shared.reference, shared.query, Math.min(k, visible.cells), control);
    const { rows, logged } = hidden;
    return (cell, into) => {
      into.fill(0);
      for (const other of near.indices.subarray(cell * near.k, (cell + 1) * near.k)) {
        for (let i = rows.indptr[other]; i < rows.indptr[other + 1]; i++)
          into[rows.indices[i]] += logged[i] / near.k;
      }
    };
  },
});
