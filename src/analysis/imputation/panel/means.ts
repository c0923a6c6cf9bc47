/** @file Means of hidden genes in the reference. */

import { geneSums } from '../gene-means.ts';
import { rowSums, targetSum } from '../incomplete-expression.ts';
import type { PanelMethod } from './method.ts';

/** The mean over the reference's cells. */
export const panelGeneMean: PanelMethod = {
  id: 'gene-mean',
  name: 'gene mean',
  async fit({ hidden }) {
    const means = geneSums(hidden).sums.map((sum) => sum / hidden.cells);
    return (_cell, into) => into.set(means);
  },
};

/** Counts of hidden genes in the reference for each count of visible ones, times the visible counts of the cell. */
export const panelLibraryScaledMean: PanelMethod = {
  id: 'library-scaled-mean',
  name: 'library-scaled gene mean',
  async fit({ visible, hidden }, query) {
    const seen = rowSums(visible.rows).reduce((a, b) => a + b, 0);
    const ratios = new Float64Array(hidden.genes);
    for (let i = 0; i < hidden.rows.indices.length; i++)
      ratios[hidden.rows.indices[i]] += hidden.rows.values[i] / seen;
    const ofCells = rowSums(query.rows);
    return (cell, into) => {
      const scale = (ofCells[cell] * targetSum) / query.totals[cell];
      for (let gene = 0; gene < into.length; gene++) into[gene] = Math.log1p(ratios[gene] * scale);
    };
  },
};
