/** @file How peaks are called in reports: by the gene nearest to them where that is known, and their place. */

import type { DataFrame } from '../../single-cell/data-frame.ts';

/** Columns of var with the nearest gene and its distance in bases. */
export const nearestGeneColumns = { gene: 'nearest_gene', distance: 'nearest_gene_distance' } as const;

export function peakLabels({ index, columns }: DataFrame): readonly string[] {
  const genes = columns.get(nearestGeneColumns.gene);
  if (genes?.kind !== 'string') return index;
  return index.map((name, i) => (genes.values[i] === null ? name : `${genes.values[i]} ${name}`));
}
