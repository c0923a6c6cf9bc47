/** @file Principal components of incomplete cells, and other cells of the same genes in terms of them. */

import { selectGenes } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import { prepareExpression } from '../expression.ts';
import { pca } from '../pca.ts';
import { type Points, pointsOf } from '../points.ts';
import type { IncompleteExpression } from './incomplete-expression.ts';

/** Components in which cells are compared. */
const components = 30;
/** The most genes that components are made of. */
const mostGenes = 2000;

/** Cells in terms of their components. */
export interface ComponentSpace {
  readonly points: Points; // [cells, components]
  /** Other cells with the same genes. */
  project(other: IncompleteExpression): Points;
}

/** 30 principal components of logged values, of all genes or the 2,000 that vary most. */
export async function componentSpace(
  expression: IncompleteExpression,
  control?: RunControl,
): Promise<ComponentSpace> {
  const logged = expression.loggedMatrix();
  const all = expression.genes <= mostGenes;
  const genes = all
    ? Int32Array.from({ length: expression.genes }, (_, gene) => gene)
    : (await prepareExpression(expression.counts, { scale: 'linear', genes: mostGenes, ...control })).genes;
  const { scores, loadings, means } = await pca(
    all ? logged : selectGenes(logged, genes),
    components,
    control,
  );
  const count = scores.shape[1];
  const weights = loadings.values as Float64Array; // [chosen genes, components]
  const place = new Int32Array(expression.genes).fill(-1);
  genes.forEach((gene, i) => {
    place[gene] = i;
  });
  const origin = new Float64Array(count);
  means.forEach((mean, i) => {
    for (let c = 0; c < count; c++) origin[c] += mean * weights[i * count + c];
  });
  return {
    points: pointsOf(scores),
    project({ cells, rows, logged: values }) {
      const projected = new Float64Array(cells * count);
      for (let cell = 0; cell < cells; cell++) {
        for (let c = 0; c < count; c++) projected[cell * count + c] = -origin[c];
        for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) {
          const row = place[rows.indices[i]] * count;
          for (let c = 0; row >= 0 && c < count; c++)
            projected[cell * count + c] += values[i] * weights[row + c];
        }
      }
      return { values: projected, count: cells, dimensions: count };
    },
  };
}
